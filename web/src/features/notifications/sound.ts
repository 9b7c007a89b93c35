let context: AudioContext | null = null
let lastAt = 0

/** Two soft notes; at most one sound in two seconds. Browsers stay silent until the page was touched once. */
export function playIncomingSound(): void {
  if (Date.now() - lastAt < 2_000) return
  lastAt = Date.now()
  try {
    context ??= new AudioContext()
    if (context.state === 'suspended') void context.resume()
    for (const [delay, pitch] of [
      [0, 659.25],
      [0.11, 880],
    ] as const) {
      const at = context.currentTime + delay
      const note = context.createOscillator()
      const volume = context.createGain()
      note.type = 'sine'
      note.frequency.value = pitch
      volume.gain.setValueAtTime(0, at)
      volume.gain.linearRampToValueAtTime(0.12, at + 0.015)
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.28)
      note.connect(volume).connect(context.destination)
      note.start(at)
      note.stop(at + 0.3)
    }
  } catch {
    // No sound device.
  }
}
