import { UserRound, UsersRound } from 'lucide-react'
import { cx } from './cx'

export interface AvatarProps {
  /** May be empty. */
  name: string
  /** What the colour hangs on; stays when the name changes. */
  seed: number | string
  isGroup?: boolean
  size?: 'small' | 'medium' | 'large'
}

const sizes = { small: 'size-8 text-xs', medium: 'size-11 text-[0.9375rem]', large: 'size-20 text-2xl' }

/** Initials on a colour that is always the same for the same contact. */
export function Avatar({ name, seed, isGroup = false, size = 'medium' }: AvatarProps) {
  const letters = initials(name)
  const Icon = isGroup ? UsersRound : UserRound
  return (
    <span
      aria-hidden
      className={cx(
        'avatar-letters inline-flex shrink-0 items-center justify-center rounded-full font-semibold select-none',
        sizes[size],
        `avatar-${colourOf(seed)}`,
      )}
    >
      {letters === '' || isGroup ? <Icon className="size-1/2" /> : letters}
    </span>
  )
}

/** First letters of the first and last word; empty when the name has no letters. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).flatMap((word) => word.match(/\p{L}\p{M}*/u)?.[0] ?? [])
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words
  return chosen.join('').toLocaleUpperCase()
}

export function colourOf(seed: number | string): number {
  let hash = 17
  for (const letter of String(seed)) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
  return hash % 8
}
