/** Fingers: the focus of a text field brings up a keyboard, and its Enter begins a new line. */
export function isTouch(): boolean {
  return window.matchMedia('(pointer: coarse)').matches
}
