import { act, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { saveMedia, type ThreadMessage } from '../../lib/inbox'
import type { Media } from '../../lib/message-shapes'
import { Bubble } from './bubble'
import type { BubbleActions } from './bubble-problem'
import { aMessage, ours } from './testing'

vi.mock('../../lib/inbox', () => ({
  problemOf: (cause: unknown) => ({ code: 'x', status: 409, detail: cause instanceof Error ? cause.message : '' }),
  useConnectionState: () => 'offline',
  useMedia: (media: Media | null, _as: string, _shape: string, wanted: boolean) => ({
    url: wanted && media?.state === 'stored' ? `blob:${media.id}` : null,
    problem: null,
    retry: () => {},
  }),
  sizeOfPicture: () => null,
  useSentFileUrl: () => 'blob:local',
  useUploadProgress: () => 0.25,
  saveMedia: vi.fn(() => Promise.resolve()),
  loadVersions: () => Promise.resolve([{ message: 'Before', replaced_at: '2026-11-23T10:00:30Z' }]),
}))

let actions: BubbleActions
beforeEach(() => {
  actions = {
    retryFailed: vi.fn(() => Promise.resolve()),
    settleUnknown: vi.fn(() => Promise.resolve()),
    resend: vi.fn(),
    discard: vi.fn(),
    edit: vi.fn(),
    showNewest: vi.fn(),
    canWrite: true,
    reply: vi.fn(),
    react: vi.fn(() => Promise.resolve()),
    view: vi.fn(),
    refetchMedia: vi.fn(() => Promise.resolve()),
    write: vi.fn(),
  }
})

function show(message: ThreadMessage, over: Partial<Parameters<typeof Bubble>[0]> = {}) {
  return render(
    <Bubble
      message={message}
      quoted={undefined}
      customerName="Maria"
      first
      last
      flash={false}
      actions={actions}
      onReveal={vi.fn()}
      {...over}
    />,
  )
}
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }))

describe('states of what we sent', () => {
  it.each([
    ['queued', 'Waiting to be sent'],
    ['sent', 'Sent'],
    ['delivered', 'Delivered'],
    ['read', 'Read'],
    ['played', 'Played'],
  ] as const)('%s is named', (status, words) => {
    show(ours({ status }))
    expect(screen.getByRole('button', { name: new RegExp(`${words}, show details`, 'u') })).toBeTruthy()
  })

  it('tells when each state was reached', async () => {
    show(ours({ status: 'read', status_times: { sent_at: '2026-11-23T10:00:01Z', read_at: '2026-11-23T10:05:00Z' } }))
    fireEvent.click(screen.getByRole('button', { name: /Read, show details/u }))
    expect(await screen.findByText('The customer has seen it.')).toBeTruthy()
    expect(document.querySelectorAll('dd time')).toHaveLength(2)
  })

  it('explains a failure with advice, the title and a retry', async () => {
    show(ours({ status: 'failed', error: { code: 131026, title: 'Message undeliverable', details: 'x' } }))
    expect(screen.getByText('Not delivered: Message undeliverable')).toBeTruthy()
    expect(screen.getByText(/may not be on WhatsApp/u)).toBeTruthy()
    press('Send again')
    await waitFor(() => expect(actions.retryFailed).toHaveBeenCalledWith(1))
  })

  it("shows Meta's words when there is no advice", () => {
    show(ours({ status: 'failed', error: { code: 424242, title: 'Odd', details: 'Something odd happened' } }))
    expect(screen.getByText(/Something odd happened/u)).toBeTruthy()
  })

  it('offers no retry when the window is closed', () => {
    show(ours({ status: 'failed', error: { code: 131047, title: 'Re-engagement message', details: '' } }))
    expect(screen.queryByRole('button', { name: 'Send again' })).toBeNull()
    expect(screen.getByText(/approved template/u)).toBeTruthy()
  })

  it('says why a retry did not work', async () => {
    vi.mocked(actions.retryFailed).mockRejectedValue(new Error('No token'))
    show(ours({ status: 'failed' }))
    press('Send again')
    expect(await screen.findByText('No token')).toBeTruthy()
  })

  it('lets people settle an unknown outcome', async () => {
    show(ours({ id: 5, status: 'unknown' }))
    expect(screen.getByText('We do not know whether this arrived')).toBeTruthy()
    press('It arrived')
    await waitFor(() => expect(actions.settleUnknown).toHaveBeenCalledWith(5, true))
    await waitFor(() => expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send again' }).disabled).toBe(false))
    press('Send again')
    await waitFor(() => expect(actions.settleUnknown).toHaveBeenCalledWith(5, false))
  })

  it('says that it was only saved', () => {
    show(ours({ status: 'not_sent' }))
    expect(screen.getByText('Saved, but not sent')).toBeTruthy()
  })
})

describe('states before the server has it', () => {
  const local = (state: 'sending' | 'waiting' | 'refused', code = '', detail = '') =>
    ours({
      id: -1,
      status: 'queued',
      client_message_id: 'c1',
      local: { clientId: 'c1', state, ...(code ? { problem: { code, detail, status: 409 } } : {}) },
    })

  it('sending', () => {
    show(local('sending'))
    expect(screen.getByText('Sending')).toBeTruthy()
  })

  it('waiting, offline', () => {
    show(local('waiting'))
    expect(screen.getByText('Will be sent when you are back online')).toBeTruthy()
  })

  it('refused: retry, edit, discard', () => {
    const message = local('refused', 'invalid_argument', 'message is too long')
    show(message)
    expect(screen.getByText('message is too long')).toBeTruthy()
    press('Send again')
    press('Edit')
    press('Discard')
    expect(actions.resend).toHaveBeenCalledWith('c1')
    expect(actions.edit).toHaveBeenCalledWith(message)
    expect(actions.discard).toHaveBeenCalledWith('c1')
  })

  it('refused because something new was written', () => {
    show(local('refused', 'newer_messages', 'There are newer messages.'))
    press('See what is new')
    press('Send anyway')
    expect(actions.showNewest).toHaveBeenCalled()
    expect(actions.resend).toHaveBeenCalledWith('c1')
  })
})

describe('contents', () => {
  it('shows hostile text as text', () => {
    show(aMessage({ message: '<img src=x onerror=alert(1)> *bold*' }))
    expect(screen.getByText('bold').tagName).toBe('STRONG')
    expect(document.querySelector('img')).toBeNull()
    expect(document.body.textContent).toContain('<img src=x onerror=alert(1)>')
  })

  it('cuts what is very long until asked', () => {
    show(aMessage({ message: 'word '.repeat(12_000) }))
    expect(document.body.textContent.length).toBeLessThan(4000)
    press('Read more')
    expect(document.body.textContent.length).toBeGreaterThan(59_000)
  })

  it('hides a deleted message and its quote', () => {
    show(aMessage({ revoked_at: '2026-11-23T10:01:00Z', reply_to_whatsapp_message_id: 'w' }))
    expect(screen.getByText('This message was deleted')).toBeTruthy()
    expect(screen.queryByText('An earlier message')).toBeNull()
  })

  it('quotes, and goes there', () => {
    const onReveal = vi.fn()
    show(aMessage({ reply_to_whatsapp_message_id: 'w1' }), { quoted: ours({ message: 'Which *size*?' }), onReveal })
    fireEvent.click(screen.getByRole('button', { name: /In reply to:.*You.*Which size\?/u }))
    expect(onReveal).toHaveBeenCalledWith('w1')
  })

  it.each([
    ['document', { document: { filename: 'receipt.pdf', mime_type: 'application/pdf', caption: 'mine' } }, ['receipt.pdf', 'mine', 'Document · not stored here']],
    ['image', { image: { mime_type: 'image/jpeg' } }, ['Photo']],
    ['audio', { audio: { voice: true } }, ['Voice message']],
    ['order', { order: { text: 'Love these!', product_items: [{ product_retailer_id: 'A', quantity: 2, item_price: 30, currency: 'USD' }] } }, ['Order: 2 items', 'Love these!']],
    ['contacts', { contacts: [{ name: { formatted_name: 'Monica' }, phones: [{ phone: '+1 666' }] }] }, ['Monica', '+1 666']],
    ['interactive', { interactive: { type: 'nfm_reply', nfm_reply: { response_json: '{"size":"L","flow_token":"x"}' } } }, ['Answered a form', 'L']],
    ['interactive', { interactive: { type: 'list_reply', list_reply: { title: 'Small', description: 'for 36' } } }, ['Small', 'for 36']],
    ['unsupported', { unsupported: { type: 'poll_creation' } }, ['Unsupported message', /\(poll creation\)/u]],
    ['no_such_type', null, ['Unsupported message']],
    ['image', null, ['Photo']],
    ['location', { location: { latitude: 'x' } }, ['Location']],
  ])('%s is readable', (message_type, payload, texts) => {
    show(aMessage({ message_type, payload: payload as ThreadMessage['payload'], message: 'Summary' }))
    for (const text of texts) expect(screen.getAllByText(text).length).toBeGreaterThan(0)
  })

  it('a company\'s card names it once, and groups its number', () => {
    const contacts: unknown = { contacts: [{ org: { company: 'Linen & Oak' }, phones: [{ phone: '+393331234567' }] }] }
    show(aMessage({ message_type: 'contacts', payload: contacts as ThreadMessage['payload'] }))
    expect(screen.getAllByText('Linen & Oak')).toHaveLength(1)
    expect(screen.getByText('+39 333 123 4567')).toBeTruthy()
  })

  it('a question about a product quotes no message that nobody has', () => {
    const about: unknown = { context: { id: 'w', referred_product: { product_retailer_id: 'SHIRT-1' } } }
    const message = aMessage({ payload: about as ThreadMessage['payload'], reply_to_whatsapp_message_id: 'w' })
    const { unmount } = show(message)
    expect(screen.getByText('SHIRT-1')).toBeTruthy()
    expect(screen.queryByText('An earlier message')).toBeNull()
    unmount()
    show(message, { quoted: ours({ message: 'Look at this' }) })
    expect(screen.getByText('Look at this')).toBeTruthy()
  })

  it('links a place to a map, and nothing else', () => {
    const payload: unknown = { location: { latitude: 1.5, longitude: -2, url: 'javascript:alert(1)' } }
    show(aMessage({ message_type: 'location', payload: payload as ThreadMessage['payload'] }))
    const links = [...document.querySelectorAll('a')].map((link) => link.href)
    expect(links).toEqual(['https://www.openstreetmap.org/?mlat=1.5&mlon=-2#map=16/1.5/-2'])
  })

  it('shows reactions together', () => {
    const at = '2026-11-23T10:01:00Z'
    show(aMessage({ reactions: [{ sender: 'agent', emoji: '👍', at }, { sender: 'customer', emoji: '👍', at }] }))
    expect(screen.getByRole('button', { name: '👍 2 You, Maria' }).getAttribute('aria-pressed')).toBe('true')
  })
})

function aFile(changes: Partial<Media> = {}): Media {
  return {
    ...{ id: 7, state: 'stored', mime_type: 'image/jpeg', size: 2_400_000, file_name: null, voice: false },
    ...{ url: '/api/live-chat/media/7', inline: true, problem: null, ...changes },
  }
}
const payload = (type: string, content: unknown) => ({ type, [type]: content }) as unknown as ThreadMessage['payload']

describe('files', () => {
  it('a picture is shown, and opened', () => {
    const message = aMessage({ message_type: 'image', message: 'Image', media: aFile(), payload: payload('image', { caption: 'Mine' }) })
    show(message)
    expect(document.querySelector('img')?.getAttribute('src')).toBe('blob:7')
    expect(screen.getByText('Mine')).toBeTruthy()
    press('Open: Photo')
    expect(actions.view).toHaveBeenCalledWith(message)
  })

  it.each([
    ['image', 'image/svg+xml', true],
    ['image', 'text/html', true],
    ['image', 'image/jpeg', false],
    ['video', 'video/x-msvideo', true],
    ['audio', 'application/pdf', true],
    ['document', 'text/html', true],
  ])('%s of %s, inline %s, is only a download', async (message_type, mime_type, inline) => {
    show(aMessage({ message_type, media: aFile({ mime_type, inline, file_name: '<b>a</b>\u202Efdp.exe' }) }))
    expect(document.querySelector('img, video, audio, iframe, object, embed')).toBeNull()
    expect(document.body.textContent).toContain('<b>a<_b>fdp.exe')
    press('Download: <b>a<_b>fdp.exe')
    await waitFor(() => expect(saveMedia).toHaveBeenCalled())
  })

  it('a video and a voice message are loaded when they are played', () => {
    show(aMessage({ message_type: 'video', media: aFile({ mime_type: 'video/mp4' }) }))
    expect(document.querySelector('video')).toBeNull()
    press('Play: Video · 2.3 MB')
    expect(document.querySelector('video')?.getAttribute('src')).toBe('blob:7')
  })

  it('a voice message has a player with its speed', () => {
    window.HTMLMediaElement.prototype.play = () => Promise.resolve()
    show(aMessage({ message_type: 'audio', media: aFile({ mime_type: 'audio/ogg; codecs=opus', voice: true }) }))
    expect(document.querySelector('audio')).toBeNull()
    press('Play: Voice message')
    expect(document.querySelector('audio')?.getAttribute('src')).toBe('blob:7')
    press('Speed: 1×')
    press('Speed: 1.5×')
    expect(document.querySelector('audio')?.playbackRate).toBe(2)
  })

  it('one that is on its way says so, one that failed says why and can be fetched again', async () => {
    const { unmount } = show(aMessage({ message_type: 'document', media: aFile({ state: 'announced', file_name: 'plan.pdf' }) }))
    expect(screen.getByText('plan.pdf is on its way from WhatsApp')).toBeTruthy()
    unmount()
    const message = aMessage({ message_type: 'image', media: aFile({ state: 'failed', problem: { code: 'expired', detail: 'x' } }) })
    show(message)
    expect(screen.getByText(/WhatsApp no longer has this file/u)).toBeTruthy()
    vi.mocked(actions.refetchMedia).mockRejectedValue(new Error('Still gone'))
    press('Try again')
    expect((await screen.findByRole('alert')).textContent).toBe('Still gone')
    expect(actions.refetchMedia).toHaveBeenCalledWith(message)
  })

  it('one of ours shows how far its upload is, and can be given up', () => {
    const file = { kind: 'document', name: 'plan.pdf', size: 9, mimeType: 'application/pdf', voice: false } as const
    show(ours({ id: -1, message_type: 'document', local: { clientId: 'c1', state: 'sending', file } }))
    expect(screen.getByRole('progressbar', { name: 'Uploading' })).toBeTruthy()
    press('Cancel')
    expect(actions.discard).toHaveBeenCalledWith('c1')
  })
})

describe('what has buttons', () => {
  it('is drawn as the customer sees it, and cannot be pressed', () => {
    const buttons = ['Yes', 'No'].map((title) => ({ type: 'reply', reply: { id: title, title } }))
    const content = { type: 'button', body: { text: 'Is *this* it?' }, footer: { text: 'Small print' }, action: { buttons } }
    show(ours({ message_type: 'interactive', payload: payload('interactive', content) }))
    expect(screen.getByText('this').tagName).toBe('STRONG')
    expect(screen.getByText('Small print')).toBeTruthy()
    expect(screen.getByText('Yes')).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Yes' })).toBeNull()
  })

  it('shows no link that could run', () => {
    const content = { type: 'cta_url', body: { text: 'Go' }, action: { name: 'cta_url', parameters: { display_text: 'Open', url: 'javascript:alert(1)' } } }
    show(ours({ message_type: 'interactive', payload: payload('interactive', content) }))
    expect(document.querySelector('a')).toBeNull()
    expect(document.body.textContent).not.toContain('javascript')
  })

  it('shows a template with its parts', () => {
    const content = {
      ...{ name: 'order_sent', language: 'en', header: { format: 'TEXT', text: 'Order' }, body: 'Hi *Ana*', footer: 'Stop' },
      buttons: [{ type: 'URL', text: 'Track', url: 'https://example.com/t' }, { type: 'QUICK_REPLY', text: 'Thanks' }],
    }
    show(ours({ message_type: 'template', payload: payload('template', content) }))
    for (const words of ['Order', 'Ana', 'Stop', 'Track', 'https://example.com/t', 'Thanks']) expect(screen.getByText(words)).toBeTruthy()
  })

  it('names an advertisement and loads nothing of it', () => {
    const referral = { headline: 'Summer', source_url: 'https://fb.me/x', image_url: 'https://evil.example/x.png' }
    show(aMessage({ payload: { referral } as unknown as ThreadMessage['payload'] }))
    expect(screen.getByText('Summer')).toBeTruthy()
    expect(screen.getByRole('link').getAttribute('href')).toBe('https://fb.me/x')
    expect(document.querySelector('img')).toBeNull()
  })

  it('lets people write to somebody whose card was sent', () => {
    const contacts = [{ name: { formatted_name: 'Monica' }, phones: [{ phone: '0333 1', wa_id: '393331234567' }] }, { name: {}, phones: [{ phone: '12' }] }]
    show(aMessage({ message_type: 'contacts', payload: { contacts } as unknown as ThreadMessage['payload'] }))
    expect(screen.getAllByRole('button', { name: /^Message [^a]/u })).toHaveLength(1)
    press('Message Monica')
    expect(actions.write).toHaveBeenCalledWith('393331234567')
  })
})

describe('what can be done with a message', () => {
  const open = () => fireEvent.click(screen.getByRole('button', { name: 'Message actions' }))
  const entries = () => screen.getAllByRole('menuitem').map((item) => item.textContent)

  it('is in its menu', () => {
    show(ours({ whatsapp_message_id: 'w' }))
    open()
    expect(entries()).toEqual(['Reply', 'React', 'Copy text', 'Delivery details'])
  })

  describe('by touch', () => {
    const finger = (element: Element, type: 'pointerDown' | 'pointerMove' | 'pointerUp', clientX = 0) =>
      fireEvent[type](element, { pointerType: 'touch', isPrimary: true, clientX, clientY: 5 })
    const bubble = () => document.querySelector('[data-bubble]') as HTMLElement

    it('a long press opens the menu, a move does not', () => {
      vi.useFakeTimers()
      show(aMessage())
      finger(bubble(), 'pointerDown')
      finger(bubble(), 'pointerMove', 15)
      act(() => void vi.advanceTimersByTime(1000))
      expect(screen.queryByRole('menu')).toBeNull()
      finger(bubble(), 'pointerDown')
      act(() => void vi.advanceTimersByTime(1000))
      expect(screen.getByRole('menu')).toBeTruthy()
      vi.useRealTimers()
    })

    it('a swipe to the end of the line answers', () => {
      show(aMessage())
      for (const [far, times] of [[40, 0], [90, 1]] as const) {
        finger(bubble(), 'pointerDown')
        finger(bubble(), 'pointerMove', far)
        finger(bubble(), 'pointerUp', far)
        expect(actions.reply).toHaveBeenCalledTimes(times)
        expect(bubble().style.transform).toBe('')
      }
    })

    it('a slider keeps its own gesture', () => {
      show(aMessage({ message_type: 'audio', media: aFile({ mime_type: 'audio/ogg', voice: true }) }))
      const slider = screen.getByRole('slider')
      finger(slider, 'pointerDown')
      finger(slider, 'pointerMove', 90)
      finger(slider, 'pointerUp', 90)
      expect(actions.reply).not.toHaveBeenCalled()
    })
  })

  it('is nothing but reading when the window is closed', () => {
    show(aMessage(), { actions: { ...actions, canWrite: false } })
    open()
    expect(entries()).toEqual(['Copy text'])
  })

  it('a reaction is given, and taken away by the same emoji', async () => {
    const { unmount } = show(aMessage())
    fireEvent.click(screen.getByRole('button', { name: 'React' }))
    press('React with 👍')
    expect(actions.react).toHaveBeenLastCalledWith(expect.anything(), '👍')
    unmount()
    show(aMessage({ reactions: [{ sender: 'agent', emoji: '👍', at: '2026-11-23T10:01:00Z' }] }))
    fireEvent.click(screen.getByRole('button', { name: 'React' }))
    press('React with 👍')
    expect(actions.react).toHaveBeenLastCalledWith(expect.anything(), '')
    press('👍 You')
    expect(actions.react).toHaveBeenLastCalledWith(expect.anything(), '')
  })

  it('a refused reaction says why', async () => {
    vi.mocked(actions.react).mockRejectedValue(new Error('Too old'))
    show(aMessage({ reactions: [{ sender: 'customer', emoji: '👍', at: '2026-11-23T10:01:00Z' }] }))
    press('👍 Maria')
    expect((await screen.findByRole('alert')).textContent).toBe('Too old')
  })

  it('an edited one shows what it said before', async () => {
    show(aMessage({ edited_at: '2026-11-23T10:00:30Z' }))
    press('Edited: show earlier versions')
    expect(await screen.findByText('Before')).toBeTruthy()
  })

  it('a deleted one tells what it said only when asked', async () => {
    show(aMessage({ revoked_at: '2026-11-23T10:00:30Z', message: 'secret' }))
    expect(document.body.textContent).not.toContain('secret')
    press('Show what it said')
    expect(await screen.findByText('Before')).toBeTruthy()
  })
})
