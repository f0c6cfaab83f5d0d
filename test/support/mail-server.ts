import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

import { afterwards } from './afterwards.ts'
import type { Cleanup } from './database.ts'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly parsed: Email
}

export interface MailServer {
  readonly url: string
  readonly port: number
  readonly received: readonly ReceivedMail[]
  /** Tries, also those that were refused. */
  readonly tries: () => number
}

/** What the server answers to a mail; null: it takes it. */
export type Judge = (to: string, tries: number) => { code: number; text: string } | null

/** A real mail server on a free port. */
export async function openMailServer(t: Cleanup, judge: Judge = () => null): Promise<MailServer> {
  const received: ReceivedMail[] = []
  let tries = 0
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo(address, _session, answer) {
      const refusal = judge(address.address, ++tries)
      if (!refusal) return answer()
      answer(Object.assign(new Error(refusal.text), { responseCode: refusal.code }))
    },
    onData(stream, session, answer) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const to = rcptTo.map(({ address }) => address)
        void keep(Buffer.concat(chunks), mailFrom ? mailFrom.address : '', to).then(() => answer())
      })
    },
  })
  async function keep(raw: Buffer, from: string, to: readonly string[]): Promise<void> {
    received.push({ from, to, raw: raw.toString('utf8'), parsed: await PostalMime.parse(raw) })
  }
  server.on('error', () => {})
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  afterwards(t, () => new Promise<void>((closed) => server.close(() => closed())))
  return { url: `smtp://127.0.0.1:${port}`, port, received, tries: () => tries }
}
