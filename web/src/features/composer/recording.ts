// Records the microphone, mono, with a level to look at.

export interface Recording {
  /** Loudness now, from 0 to 1. */
  level(): number
  /** Null where recordings cannot be held. */
  pause: (() => void) | null
  resume(): void
  /** Ends it and gives what was recorded. */
  stop(): Promise<Blob>
  /** Ends it and forgets it. */
  cancel(): void
}

const kTypes = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus', 'audio/mp4']
const kBitsPerSecond = 24_000

export const canRecord = (): boolean =>
  typeof MediaRecorder !== 'undefined' && navigator.mediaDevices !== undefined && recordedType() !== undefined

const recordedType = () => kTypes.find((type) => MediaRecorder.isTypeSupported(type))

/** Rejected with the browser's NotAllowedError or NotFoundError. */
export async function record(): Promise<Recording> {
  const microphone = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true },
  })
  const context = new AudioContext()
  const analyser = new AnalyserNode(context, { fftSize: 512 })
  // Some microphones give two channels whatever is asked for.
  const mono = new MediaStreamAudioDestinationNode(context, { channelCount: 1, channelCountMode: 'explicit' })
  const source = context.createMediaStreamSource(microphone)
  source.connect(analyser)
  source.connect(mono)
  const mimeType = recordedType() ?? ''
  const recorder = new MediaRecorder(mono.stream, { mimeType, audioBitsPerSecond: kBitsPerSecond })
  const parts: Blob[] = []
  recorder.ondataavailable = ({ data }) => parts.push(data)
  const ended = new Promise<void>((resolve) => (recorder.onstop = () => resolve()))
  const samples = new Float32Array(analyser.fftSize)
  const close = () => {
    for (const track of microphone.getTracks()) track.stop()
    void context.close()
  }
  recorder.start(500)
  return {
    level() {
      analyser.getFloatTimeDomainData(samples)
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length
      return Math.min(1, Math.sqrt(power) * 4)
    },
    pause: () => recorder.pause(),
    resume: () => recorder.resume(),
    async stop() {
      recorder.stop()
      await ended
      close()
      return new Blob(parts, { type: mimeType.split(';')[0] ?? '' })
    },
    cancel() {
      if (recorder.state !== 'inactive') recorder.stop()
      close()
    },
  }
}
