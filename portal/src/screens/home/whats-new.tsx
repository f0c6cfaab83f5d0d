import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { MillraceError } from '#sdk/error.ts'
import { useAccount, useTenant } from '~/api/access.ts'
import { callOperation } from '~/api/client.ts'
import { formerVisit, noteVisit } from '~/browser/last-visit.ts'
import { newsOf, type News } from '~/screens/home/news.ts'
import { homeTexts as texts } from '~/texts/home.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty, SkeletonRows } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

const EVENTS = 1000
const SHOWN = 12

/** What became true since this person was here last. */
export function WhatsNew() {
  const tenant = useTenant() ?? ''
  const account = useAccount()
  if (account === undefined) return <Waiting />
  const who = account?.email ?? ''
  return <Since key={`${tenant} ${who}`} tenant={tenant} who={who} />
}

function Waiting() {
  return (
    <Card title={texts.news}>
      <SkeletonRows rows={4} />
    </Card>
  )
}

function Since({ tenant, who }: { readonly tenant: string; readonly who: string }) {
  const [former] = useState(() => formerVisit(tenant, who))
  const events = useQuery({
    queryKey: ['call', tenant, 'home.news', { after: former?.cursor ?? null }],
    queryFn: async ({ signal }) => {
      const answer = await listSince(tenant, former?.cursor ?? null, signal)
      noteVisit(tenant, who, { cursor: answer.cursor, at: new Date().toISOString() })
      return answer
    },
  })
  return (
    <Card
      title={former === null ? texts.newsFirst : texts.news}
      actions={
        former !== null && (
          <span className="text-xs text-faint">
            <Time at={former.at} />
          </span>
        )
      }
    >
      <Answer of={events} waiting={<SkeletonRows rows={4} />}>
        {({ events: found, more }) => {
          const news = newsOf(found)
          return news.length === 0 ? (
            <Empty title={texts.noNews}>
              {former === null ? texts.noNewsFirst : texts.noNewsHint}
            </Empty>
          ) : (
            <ul className="flex flex-col divide-y divide-line">
              {news.slice(0, SHOWN).map((one) => (
                <Line key={one.key} news={one} tenant={tenant} />
              ))}
              {(more || news.length > SHOWN) && (
                <li className="pt-2 text-xs text-faint">{texts.moreNews}</li>
              )}
            </ul>
          )
        }}
      </Answer>
    </Card>
  )
}

/** Events are kept for some days: who was away longer is told of all that there are. */
async function listSince(tenant: string, after: number | null, signal: AbortSignal) {
  const input = { limit: EVENTS, ...(after !== null && { after }) }
  try {
    return await callOperation(tenant, 'events.list', input, { signal })
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'events-gone') throw error
    return callOperation(tenant, 'events.list', { limit: EVENTS }, { signal })
  }
}

function Line({ news, tenant }: { readonly news: News; readonly tenant: string }) {
  return (
    <li className="flex min-w-0 items-center gap-2 py-1.5 text-sm">
      <StatusMark state={stateOf(news.kind)} />
      <span className="line-clamp-2 min-w-0 grow [overflow-wrap:anywhere]">
        <Target news={news} tenant={tenant} />
      </span>
      <span className="shrink-0 text-xs text-faint">
        <Time at={news.at} />
      </span>
    </li>
  )
}

function Target({ news, tenant }: { readonly news: News; readonly tenant: string }) {
  const text = textOf(news)
  const look = 'hover:underline'
  const { kind, dataset, thing } = news
  if (kind.startsWith('quarantine') && dataset !== null) {
    const params = { tenant, source: dataset }
    return (
      <Link to="/t/$tenant/quarantine/$source" params={params} className={look} title={text}>
        {text}
      </Link>
    )
  }
  if (dataset !== null) {
    const search = {
      dataset,
      ...(news.count === 1 && news.newest ? { partition: news.newest } : {}),
    }
    return (
      <Link
        to="/t/$tenant/explore"
        params={{ tenant }}
        search={search}
        className={look}
        title={text}
      >
        {text}
      </Link>
    )
  }
  if (kind.startsWith('run.') && thing !== null) {
    const params = { tenant, run: thing }
    return (
      <Link to="/t/$tenant/runs/$run" params={params} className={look} title={text}>
        {text}
      </Link>
    )
  }
  return text
}

function textOf({ kind, dataset, count, newest, rows }: News): string {
  const name = dataset ?? ''
  switch (kind) {
    case 'partition.published':
      return texts.published(name, count, newest ?? '')
    case 'partition.held':
      return texts.held(name, count)
    case 'partition.failed':
      return texts.failedParts(name, count)
    case 'quarantine.grew':
      return texts.grew(name, formatCount(rows))
    default: {
      const [thing = '', verb = ''] = kind.split('.')
      if (thing === 'run') return texts.runs(texts.runKinds[verb] ?? verb, count)
      return texts.otherEvent([thing, verb, name].join(' ').trim(), count)
    }
  }
}

function stateOf(kind: string): string {
  if (/failed|breached|bounced/.test(kind)) return 'failed'
  if (/held|grew|late/.test(kind)) return 'held'
  if (/cancelled|undone/.test(kind)) return 'cancelled'
  return 'done'
}
