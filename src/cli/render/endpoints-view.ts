import { paint, type Look } from '#cli/render/look.ts'
import { renderTable } from '#cli/render/table.ts'
import { harmless, wrap } from '#cli/render/text.ts'
import { formatInstant } from '#cli/render/units.ts'
import { formatBytes, formatCount, formatDuration } from '#kernel/units.ts'
import type { EndpointData } from '#operations/endpoints/endpoint-data.ts'
import type { listEndpoints } from '#operations/endpoints/list.ts'
import type { showEndpoint } from '#operations/endpoints/show.ts'
import type { trafficByEndpoint } from '#operations/endpoints/traffic-by-endpoint.ts'
import type { trafficByHour } from '#operations/endpoints/traffic-by-hour.ts'
import type { endpointTrafficOperation } from '#operations/endpoints/traffic.ts'
import type { listVersions } from '#operations/endpoints/versions.ts'
import type { OutputOf } from '#operations/operation.ts'

export function renderEndpoints(
  look: Look,
  { endpoints, next }: OutputOf<(typeof listEndpoints)['output']>,
): string[] {
  if (endpoints.length === 0) return ['  No endpoint is deployed that you may ask.']
  const columns = [
    { title: 'endpoint', fixed: true },
    { title: 'version', fixed: true },
    { title: 'parameters' },
    { title: 'rows' },
  ] as const
  const rows = endpoints.map((endpoint) => [
    endpoint.endpoint,
    versionText(endpoint),
    endpoint.parameters
      .map(({ name, default: own }) => (own === null ? `${name}!` : name))
      .join(', '),
    endpoint.description,
  ])
  const more = next === null ? [] : [paint(look, 'faint', `  go on with --after ${next}`)]
  return [...renderTable(look, columns, rows), ...more]
}

function versionText({ version, isPinned, endsAt }: EndpointData): string {
  const until = endsAt === null ? '' : `, ends ${formatInstant(endsAt)}`
  return `${version}${isPinned ? ' pinned' : ''}${until}`
}

export function renderEndpoint(
  look: Look,
  { endpoint, example, sample }: OutputOf<(typeof showEndpoint)['output']>,
): string[] {
  const { parameters, columns, order, limits, hasDrill } = endpoint
  const head = (title: string) => ['', paint(look, 'strong', title)]
  return [
    `${paint(look, 'strong', endpoint.endpoint)} · version ${versionText(endpoint)} · pack ${endpoint.pack}`,
    ...wrap(harmless(endpoint.description), look.width - 2, '  ', '  '),
    ...(parameters.length > 0 ? head('Parameters') : []),
    ...(parameters.length > 0
      ? renderTable(
          look,
          [
            { title: '' },
            { title: 'type' },
            { title: 'default' },
            { title: 'may be' },
            { title: '' },
          ],
          parameters.map(({ name, type, default: own, choices, min, max, description }) => [
            name,
            type,
            own ?? { text: 'needed', tone: 'notice' },
            choices?.join(', ') ??
              (min === null && max === null ? '' : `${min ?? ''}..${max ?? ''}`),
            description,
          ]),
        )
      : []),
    ...(columns.length > 0 ? head('Columns') : []),
    ...(columns.length > 0
      ? renderTable(
          look,
          [{ title: '' }, { title: 'type' }, { title: 'unit' }, { title: '' }],
          columns.map(({ name, type, unit, description }) => [
            name,
            type ?? '',
            unit ?? '',
            description ?? '',
          ]),
        )
      : []),
    '',
    ...(order === null ? [] : [`  ordered by ${order}`]),
    ...limitLines(limits),
    ...(hasDrill ? ['  leads from a row to the rows behind it: endpoints drill'] : []),
    ...(sample ? [...head('First rows'), ...sampleLines(look, sample.rows)] : []),
    ...head('Ask for it'),
    `  ${example.cli}`,
    `  ${example.curl}`,
    `  ${example.sdk}`,
  ]
}

function limitLines({ rows, seconds, bytes }: EndpointData['limits']): string[] {
  const parts = [
    rows === null ? '' : `${formatCount(rows)} rows`,
    seconds === null ? '' : formatDuration(seconds * 1000),
    bytes === null ? '' : formatBytes(bytes),
  ].filter((part) => part !== '')
  return parts.length === 0 ? [] : [`  at most ${parts.join(', ')} in one answer`]
}

function sampleLines(look: Look, rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  const names = Object.keys(rows[0] ?? {})
  if (names.length === 0) return ['  There are none now.']
  const columns = names.map((title) => {
    const isNumber = rows.every((row) => typeof row[title] === 'number')
    return { title, align: isNumber ? 'right' : 'left' } as const
  })
  const cells = rows.map((row) =>
    names.map((name) => {
      const value = row[name]
      return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
    }),
  )
  return renderTable(look, columns, cells)
}

export function renderVersions(
  look: Look,
  { endpoint, versions, pinned }: OutputOf<(typeof listVersions)['output']>,
): string[] {
  return [
    paint(look, 'strong', endpoint),
    ...versions.flatMap(({ version, state, createdAt, endsAt, changes, usedBy }) => {
      const ends =
        endsAt === null ? '' : `, ${state === 'ended' ? 'ended' : 'ends'} ${formatInstant(endsAt)}`
      const pin = version === pinned ? ' · pinned' : ''
      const asked = usedBy.reduce((sum, { requests }) => sum + requests, 0)
      const users = usedBy.map(({ caller }) => caller).join(', ')
      return [
        `  version ${version} · ${state}${ends}${pin} · since ${formatInstant(createdAt)}`,
        ...(asked > 0
          ? [`    ${formatCount(asked)} requests in 30 days by ${harmless(users)}`]
          : []),
        ...changes.map(({ of, name, change, what, breaks }) => {
          const text = `    ${of} ${name} ${change}: ${what}`
          return breaks
            ? paint(look, 'notice', `${harmless(text)} (breaks callers)`)
            : harmless(text)
        }),
      ]
    }),
  ]
}

export function renderTraffic(
  look: Look,
  { hours, next }: OutputOf<(typeof endpointTrafficOperation)['output']>,
): string[] {
  if (hours.length === 0) return ['  Nobody has asked.']
  const right = { align: 'right', fixed: true } as const
  const columns = [
    { title: 'hour', fixed: true },
    { title: 'endpoint' },
    { title: 'caller' },
    { title: 'requests', ...right },
    { title: 'errors', ...right },
    { title: 'cached', ...right },
    { title: 'rows', ...right },
    { title: 'bytes', ...right },
    { title: 'p95', ...right },
  ] as const
  const rows = hours.map((hour) => [
    formatInstant(hour.hour),
    `${hour.endpoint} ${hour.version}`,
    hour.caller,
    formatCount(hour.requests),
    formatCount(hour.refused + hour.unavailable + hour.broken),
    formatCount(hour.cached),
    formatCount(hour.rows),
    formatBytes(hour.bytes),
    hour.p95Ms === null ? '> 5 s' : `≤ ${formatDuration(hour.p95Ms)}`,
  ])
  const more = next === null ? [] : [paint(look, 'faint', `  go on with --after ${next}`)]
  return [...renderTable(look, columns, rows), ...more]
}

type ByHour = OutputOf<(typeof trafficByHour)['output']>
type Load = Omit<ByHour['hours'][number], 'hour'>

const loadColumns = ['requests', 'errors', 'cached', 'p50', 'p95'].map((title) => ({
  title,
  align: 'right' as const,
  fixed: true,
}))

function loadCells(load: Load, boundsMs: readonly number[]): string[] {
  const atMost = (ms: number | null) =>
    ms === null ? `> ${formatDuration(boundsMs.at(-1) ?? 0)}` : `≤ ${formatDuration(ms)}`
  return [
    formatCount(load.requests),
    formatCount(load.refused + load.unavailable + load.broken),
    formatCount(load.cached),
    atMost(load.p50Ms),
    atMost(load.p95Ms),
  ]
}

export function renderTrafficByEndpoint(
  look: Look,
  { endpoints, boundsMs, since, next }: OutputOf<(typeof trafficByEndpoint)['output']>,
): string[] {
  if (endpoints.length === 0) return [`  Nobody has asked since ${formatInstant(since)} UTC.`]
  const columns = [
    { title: 'endpoint' },
    ...loadColumns,
    { title: 'callers', align: 'right', fixed: true },
  ] as const
  const rows = endpoints.map((one) => [
    one.endpoint,
    ...loadCells(one, boundsMs),
    formatCount(one.callers),
  ])
  const more = next === null ? [] : [paint(look, 'faint', `  go on with --after ${next}`)]
  return [...renderTable(look, columns, rows), ...more]
}

export function renderTrafficByHour(
  look: Look,
  { hours, callers, boundsMs, since }: ByHour,
): string[] {
  if (hours.length === 0) return [`  Nobody has asked since ${formatInstant(since)} UTC.`]
  const byHour = hours.map((one) => [formatInstant(one.hour), ...loadCells(one, boundsMs)])
  const byCaller = callers.map((one) => [one.caller, ...loadCells(one, boundsMs)])
  return [
    ...renderTable(look, [{ title: 'hour (UTC)', fixed: true }, ...loadColumns], byHour),
    '',
    ...renderTable(look, [{ title: 'caller' }, ...loadColumns], byCaller),
  ]
}
