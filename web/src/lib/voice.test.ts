import { Blob as NodeBlob } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BlobSource, EncodedPacketSink, Input, OGG } from 'mediabunny'
import { beforeAll, expect, it, vi } from 'vitest'
import { toOgg } from './voice'

// The one of jsdom cannot be read.
beforeAll(() => void vi.stubGlobal('Blob', NodeBlob))

/** What Chromium's MediaRecorder wrote in a second. */
const recording = (name: string) =>
  new Blob([readFileSync(join(import.meta.dirname, `../../tests/fixtures/voice-${name}.webm`))], { type: 'audio/webm' })

it('a recording of Chromium becomes mono Opus in OGG, packet by packet', async () => {
  const made = await toOgg(recording('mono'))
  expect(made.type).toBe('audio/ogg; codecs=opus')
  const bytes = new Uint8Array(await made.arrayBuffer())
  expect(new TextDecoder().decode(bytes.slice(0, 4))).toBe('OggS')
  // The head of the first page: "OpusHead", version, channels.
  expect(new TextDecoder().decode(bytes.slice(28, 36))).toBe('OpusHead')
  expect(bytes[37]).toBe(1)

  const track = await new Input({ source: new BlobSource(made), formats: [OGG] }).getPrimaryAudioTrack()
  expect(await track?.getCodec()).toBe('opus')
  let seconds = 0
  for await (const packet of new EncodedPacketSink(track!).packets()) seconds += packet.duration
  expect(seconds).toBeGreaterThan(0.7)
  expect(await toOgg(made)).toBe(made)
})

it('is refused when it is stereo, or no recording at all', async () => {
  await expect(toOgg(recording('stereo'))).rejects.toThrow('mono')
  await expect(toOgg(new Blob(['<html>'], { type: 'audio/webm' }))).rejects.toThrow()
})
