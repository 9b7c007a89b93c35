import { describe, expect, it } from 'vitest'
import { judge } from './limits'

const kMB = 1024 * 1024
const file = (type: string, size: number) => ({ type, size })

describe('what a file is sent as', () => {
  it.each([
    ['image/jpeg', 5 * kMB, { kind: 'image', type: 'image/jpeg' }],
    ['image/jpeg', 5 * kMB + 1, { kind: 'image', convert: true }],
    ['image/webp', 10, { kind: 'image', convert: true }],
    ['image/heic', 10, { kind: 'image', convert: true }],
    ['image/svg+xml', 10, { kind: 'document', type: 'image/svg+xml' }],
    ['video/mp4', 16 * kMB, { kind: 'video', type: 'video/mp4' }],
    ['video/mp4', 16 * kMB + 1, { kind: 'video', problem: 'too_large', asDocument: true }],
    ['video/mp4', 101 * kMB, { kind: 'video', problem: 'too_large', asDocument: false }],
    ['video/quicktime', 10, { kind: 'video', problem: 'type', asDocument: true }],
    ['audio/x-m4a', 10, { kind: 'audio', type: 'audio/mp4' }],
    ['audio/ogg; codecs=opus', 10, { kind: 'audio', type: 'audio/ogg' }],
    ['audio/flac', 10, { kind: 'audio', problem: 'type', asDocument: true }],
    ['application/pdf', 100 * kMB, { kind: 'document', type: 'application/pdf' }],
    ['application/pdf', 100 * kMB + 1, { kind: 'document', problem: 'too_large', asDocument: false }],
    ['', 10, { kind: 'document', type: 'application/octet-stream' }],
    ['image/png', 0, { kind: 'image', problem: 'empty', asDocument: false }],
  ])('%s of %i bytes', (type, size, verdict) => expect(judge(file(type, size))).toEqual(verdict))

  it('a picture that was picked as a document stays one', () => {
    expect(judge(file('image/png', 9 * kMB), 'document')).toEqual({ kind: 'document', type: 'image/png' })
  })
})
