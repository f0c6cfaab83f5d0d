import { systemClock } from '#kernel/clock.ts'

type Ask = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: Readonly<Record<string, unknown>>,
) => Promise<unknown>

interface Shown {
  readonly id: string
  readonly receipt: string
  readonly state: string
}

/** Receipts come with answers; a target leads to an address at which nothing answers. */
export const servingMakers: Readonly<Record<string, (ask: Ask, word: string) => Promise<string>>> =
  {
    async receipt(ask, word) {
      const body = { dataset: 'meter_months', title: `${word}-asked` }
      const { id, receipt } = (await ask('POST', '/v1/deliveries', body)) as Shown
      // Nothing of it changes in the background then.
      for (;;) {
        const { state } = (await ask('GET', `/v1/deliveries/${id}`)) as Shown
        if (state === 'ready') return receipt
        await systemClock.sleep(50)
      }
    },

    async target(ask, word) {
      const name = `${word.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '-')}-target`
      const body = { kind: 'webhook', url: `http://127.0.0.1:9/${word}` }
      await ask('POST', `/v1/targets/${name}`, body)
      return name
    },

    async embed(ask, word) {
      const asked = { endpoint: 'meter_totals', origins: ['https://app.example.com'] }
      const made = await ask('POST', '/v1/embeds', { title: `${word} view`, ...asked })
      return (made as { embed: { id: string } }).embed.id
    },

    async report(ask, word) {
      const name = `${word.toLowerCase().replaceAll(/[^a-z0-9_-]/g, '-')}-report`
      const target = `${name}-target`
      await ask('POST', `/v1/targets/${target}`, {
        kind: 'webhook',
        url: `http://127.0.0.1:9/${word}`,
      })
      const asked = { dataset: 'meter_months', target, cron: '0 0 1 1 *' }
      await ask('POST', '/v1/reports', { report: name, ...asked })
      return name
    },
  }
