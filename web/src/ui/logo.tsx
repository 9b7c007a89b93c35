/** The mark: a speech bubble with two lines of talk. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden focusable="false">
      <path
        fill="var(--accent)"
        d="M9 3h14a7 7 0 0 1 7 7v8a7 7 0 0 1-7 7h-7.2l-6.3 4.6A1 1 0 0 1 8 28.8V25a7 7 0 0 1-6-7v-8a7 7 0 0 1 7-7z"
      />
      <path fill="none" stroke="var(--accent-text)" strokeWidth="2.6" strokeLinecap="round" d="M9.5 11.5h13M9.5 17h8" />
    </svg>
  )
}
