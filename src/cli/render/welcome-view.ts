import { paint, type Look } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { formatDuration } from '#kernel/units.ts'

export interface FirstKey {
  readonly tenant: string
  readonly key: string
}

export interface Welcome {
  readonly address: string
  readonly version: string
  readonly home: string
  readonly readyMs: number
  readonly demo: boolean
  /** Keys that were made at this start. */
  readonly keys: readonly FirstKey[]
  /** By which the first operator comes in; null where there are people. */
  readonly setupLink: string | null
}

/** What to open and what to type next, once a server is ready. */
export function renderWelcome(look: Look, welcome: Welcome): string[] {
  const { address, keys, setupLink } = welcome
  const demoKey = keys.find(({ tenant }) => tenant === 'demo')
  const example = demoKey ?? keys[0]
  const tenant = welcome.demo ? ' --tenant demo' : ''
  const addresses: Cell[][] = [
    ['page', { text: demoKey ? `${address}/#key=${demoKey.key}` : `${address}/`, tone: 'accent' }],
    ['datasets', { text: `${address}/v1/datasets`, tone: 'accent' }],
    ['readiness', { text: `${address}/readyz`, tone: 'accent' }],
  ]
  const plain = [
    { title: '', fixed: true },
    { title: '', fixed: true },
  ] as const
  const unlimited = { ...look, width: 1000 }
  return [
    paint(look, 'strong', 'Open'),
    ...renderTable(unlimited, plain, addresses),
    ...(keys.length === 0
      ? []
      : [
          '',
          `${paint(look, 'strong', 'Keys')} ${paint(look, 'notice', '· shown this once: keep them')}`,
          ...renderTable(
            unlimited,
            plain,
            keys.map(({ tenant: name, key }): Cell[] => [name, key]),
          ),
        ]),
    ...(setupLink === null
      ? []
      : [
          '',
          `${paint(look, 'strong', 'First person')} ${paint(look, 'notice', '· this link works once, for a day: open it to set a password')}`,
          `  ${paint(look, 'accent', setupLink)}`,
        ]),
    '',
    paint(look, 'strong', 'Try'),
    `  millrace status${tenant}`,
    `  millrace show top_companies${tenant}`,
    ...(example ? [`  curl -H 'Authorization: Bearer ${example.key}' ${address}/v1/datasets`] : []),
    '',
    `${paint(look, 'good', '✓ ready')} in ${formatDuration(welcome.readyMs)} · Millrace ${welcome.version} · ${welcome.home} · Ctrl-C stops it`,
  ]
}
