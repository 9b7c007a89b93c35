// Voice messages as WhatsApp wants them: mono Opus in OGG. Loaded when somebody records one.
import {
  BlobSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  Input,
  type InputAudioTrack,
  OGG,
  OggOutputFormat,
  Output,
  WEBM,
} from 'mediabunny'

export const kVoiceType = 'audio/ogg; codecs=opus'

/** The recording in OGG, its packets as they were. Rejected when it is not mono Opus. */
export async function toOgg(recording: Blob): Promise<Blob> {
  const input = new Input({ source: new BlobSource(recording), formats: [WEBM, OGG] })
  try {
    const track = await input.getPrimaryAudioTrack()
    if (!track || (await track.getCodec()) !== 'opus') throw new Error('The recording is not Opus.')
    if ((await track.getNumberOfChannels()) !== 1) throw new Error('The recording is not mono.')
    return recording.type.startsWith('audio/ogg') ? recording : await rewritten(track)
  } finally {
    input.dispose()
  }
}

async function rewritten(track: InputAudioTrack): Promise<Blob> {
  const target = new BufferTarget()
  const output = new Output({ format: new OggOutputFormat(), target })
  const source = new EncodedAudioPacketSource('opus')
  output.addAudioTrack(source)
  await output.start()
  const decoderConfig = await track.getDecoderConfig()
  const about = decoderConfig ? { decoderConfig } : {}
  for await (const packet of new EncodedPacketSink(track).packets()) await source.add(packet, about)
  source.close()
  await output.finalize()
  if (!target.buffer) throw new Error('Nothing was written.')
  return new Blob([target.buffer], { type: kVoiceType })
}
