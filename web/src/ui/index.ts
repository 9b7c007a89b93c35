export { Avatar } from './Avatar'
export { Button, IconButton } from './Button'
export { cx } from './cx'
export { Dialog } from './Dialog'
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
} from './Menu'
export { Spinner } from './Spinner'
export { Tooltip } from './Tooltip'
