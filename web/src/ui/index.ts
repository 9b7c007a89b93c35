export { Avatar } from './avatar'
export { Button, IconButton } from './button'
export { cx } from './cx'
export { Dialog } from './dialog'
export { LoadedLater } from './loaded-later'
export {
  Menu,
  MenuCheckboxItem,
  MenuContent,
  MenuGroup,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuSub,
  MenuTrigger,
} from './menu'
export { Spinner } from './spinner'
export { Tooltip } from './tooltip'
