import { beforeEach, describe, expect, it, vi } from 'vitest'
import { fileNameFor, fileSize, plainFileName } from './file-name'
import { createGate, MediaShelf, shownType } from './media'
import type { Media } from './message-shapes'

const revoked: string[] = []
beforeEach(() => {
  let made = 0
  revoked.length = 0
  URL.createObjectURL = () => `blob:${++made}`
  URL.revokeObjectURL = (url) => void revoked.push(url)
})

function stored(id: number, changes: Partial<Media> = {}): Media {
  return {
    ...{ id, state: 'stored', mime_type: 'image/jpeg', size: 10, file_name: null, voice: false },
    ...{ url: `/media/${id}`, inline: true, problem: null, ...changes },
  }
}
const signal = () => new AbortController().signal

describe('the shelf of files', () => {
  const aShelf = (most = 25) => {
    const fetched = vi.fn(async (_path: string) => new Blob(['0123456789'], { type: 'text/html' }))
    const shrink = async (blob: Blob) => ({ blob, width: 40, height: 30 })
    return { shelf: new MediaShelf(fetched, most, shrink), fetched }
  }

  it('fetches once, remembers the size, and forgets the oldest that nobody shows', async () => {
    const { shelf, fetched } = aShelf()
    const one = await shelf.take(stored(1), 'image', 'small', signal())
    const two = await shelf.take(stored(2), 'image', 'small', signal())
    expect(shelf.sizes.get(1)).toEqual({ width: 40, height: 30 })
    two.release()
    const three = await shelf.take(stored(3), 'image', 'small', signal())
    expect(revoked).toEqual([two.url])
    expect(shelf.grab(1, 'small')?.url).toBe(one.url)
    expect(shelf.grab(2, 'small')).toBeNull()
    expect(fetched).toHaveBeenCalledTimes(3)
    three.release()
    shelf.clear()
    expect(revoked).toEqual([two.url, three.url, one.url])
  })

  it('shows what was sent from here without fetching it', async () => {
    const { shelf, fetched } = aShelf()
    shelf.keep(9, new Blob(['x']), { width: 5, height: 6 })
    expect(shelf.grab(9, 'small')).not.toBeNull()
    await shelf.take(stored(9), 'image', 'small', signal())
    expect(fetched).not.toHaveBeenCalled()
  })

  it('refuses types that could run', async () => {
    const { shelf, fetched } = aShelf()
    for (const mime_type of ['image/svg+xml', 'text/html', null]) {
      await expect(shelf.take(stored(1, { mime_type }), 'image', 'whole', signal())).rejects.toThrow()
    }
    expect(fetched).not.toHaveBeenCalled()
  })

  it('never begins what was given up before its turn', async () => {
    const gate = createGate(1)
    let finish = () => {}
    const first = gate(signal(), () => new Promise<void>((resolve) => (finish = resolve)))
    const gone = new AbortController()
    const act = vi.fn(async () => {})
    const second = gate(gone.signal, act)
    const third = gate(signal(), act)
    gone.abort()
    finish()
    await first
    await expect(second).rejects.toThrow()
    await third
    expect(act).toHaveBeenCalledTimes(1)
  })
})

it('knows which types may be shown', () => {
  expect(shownType('audio/ogg; codecs=opus', 'audio')).toBe('audio/ogg')
  expect(shownType('IMAGE/PNG', 'image')).toBe('image/png')
  expect(shownType('image/png', 'video')).toBeNull()
  expect(shownType('image/svg+xml', 'image')).toBeNull()
})

describe('file names', () => {
  it.each([
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['a\u0000b\nc.txt', 'abc.txt'],
    [null, ''],
  ])('%j is shown as %j', (name, plain) => expect(plainFileName(name)).toBe(plain))

  it('are made up where there are none', () => {
    expect(fileNameFor('image', 7, 'image/jpeg')).toBe('image-7.jpg')
    expect(fileNameFor('document', 8, 'application/<script>')).toBe('document-8.bin')
  })

  it('sizes are in steps of 1024', () => {
    expect(fileSize(16 * 1024 * 1024, 'en')).toBe('16 MB')
    expect(fileSize(1_500_000, 'en')).toBe('1.4 MB')
    expect(fileSize(900, 'en')).toBe('900 byte')
  })
})
