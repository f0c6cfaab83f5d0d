import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'

import { callOperation, type OutputOf } from '~/api/client.ts'
import { operationQuery } from '~/api/operation.ts'
import { Chart } from '~/charts/chart.tsx'
import { firstRowsQuery } from '~/screens/operate-tenant-new/first-rows.ts'
import { newTenantTexts } from '~/texts/tenant-new.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card, Stat } from '~/ui/card.tsx'
import { Progress } from '~/ui/drawings.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'
import { showProblem } from '~/ui/toast.tsx'

const texts = newTenantTexts.test

const EVERY_MS = 1_000

type View = OutputOf<'runs.get'>

/** The tenant is there: its first data, whether they add up, and its first chart, all live. */
export function TryStep({ slug }: { readonly slug: string }) {
  const [run, setRun] = useState<string | null>(null)
  const [isNothing, setNothing] = useState(false)
  const [isStarting, setStarting] = useState(false)
  const newest = useQuery(operationQuery(slug, 'runs.list', { limit: 1 }))
  const id = run ?? newest.data?.runs[0]?.id ?? null
  const view = useQuery({
    ...operationQuery(slug, 'runs.get', { run: id ?? '' }),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data?.run.state === 'running' ? EVERY_MS : false),
  })
  const start = async () => {
    setStarting(true)
    try {
      const { run: started } = await callOperation(slug, 'runs.start', {})
      setNothing(started === null)
      if (started) setRun(started.id)
    } catch (error) {
      showProblem(error)
    }
    setStarting(false)
  }
  const state = view.data?.run.state ?? null
  const ended = state === null || state === 'running' ? null : `${id} ${state}`
  return (
    <div className="flex flex-col gap-4">
      <Card title={texts.first} note={texts.firstNote}>
        <div className="flex flex-col gap-3">
          {view.data && <RunProgress slug={slug} view={view.data} />}
          {isNothing && <p className="text-sm text-soft">{texts.nothing}</p>}
          <div>
            <Button
              look={view.data ? 'plain' : 'primary'}
              busy={isStarting || state === 'running'}
              onClick={() => void start()}
            >
              {view.data ? texts.again : texts.start}
            </Button>
          </div>
        </div>
      </Card>
      {ended !== null && <DataCheck slug={slug} after={ended} />}
      {ended !== null && <FirstChart slug={slug} after={ended} />}
    </div>
  )
}

function RunProgress({ slug, view }: { readonly slug: string; readonly view: View }) {
  const counts = view.datasets.map((one) => one.counts)
  const sum = (names: readonly (keyof (typeof counts)[number])[]) =>
    counts.reduce(
      (all, count) => all + names.reduce((own, name) => own + Number(count[name]), 0),
      0,
    )
  const ended = sum(['done', 'unchanged', 'held', 'failed', 'skipped', 'cancelled'])
  const all = ended + sum(['waiting', 'ready', 'running'])
  const words = texts.going(formatCount(ended), formatCount(all))
  const { state, id } = view.run
  const isWell = state === 'done'
  return (
    <div className="flex flex-col gap-2 text-sm">
      <div className="flex flex-wrap items-center gap-2">
        <StatusMark state={state} />
        <span>{state === 'running' ? words : isWell ? texts.done : texts.failed}</span>
        <Link
          to="/t/$tenant/runs/$run"
          params={{ tenant: slug, run: id }}
          className="ml-auto text-xs underline decoration-dotted underline-offset-2"
        >
          {texts.toRun}
        </Link>
      </div>
      <Progress share={all === 0 ? null : ended / all} label={words} />
      {view.failures.slice(0, 3).map(({ dataset, partition, error }) => (
        <p key={`${dataset} ${partition}`} className="[overflow-wrap:anywhere] text-bad">
          {dataset} {partition}: {error?.message} {error?.remedy}
        </p>
      ))}
    </div>
  )
}

/** Of each source: received = accepted + repaired + held back. */
function DataCheck({ slug, after }: { readonly slug: string; readonly after: string }) {
  const sources = useQuery({
    ...operationQuery(slug, 'sources.list', {}),
    queryKey: ['call', slug, 'sources.list', after],
  })
  return (
    <Card title={texts.check} note={texts.checkNote}>
      <Answer of={sources}>
        {({ sources: all }) => (
          <ul className="flex flex-col gap-3">
            {all.map((source) => (
              <li
                key={source.source}
                className="border-t border-line pt-3 first:border-0 first:pt-0"
              >
                <SourceCheck source={source} />
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  )
}

function SourceCheck({ source }: { readonly source: OutputOf<'sources.list'>['sources'][number] }) {
  const [received, accepted, repaired, held] = [
    Number(source.received),
    Number(source.accepted),
    Number(source.repaired),
    Number(source.quarantined),
  ]
  const addsUp = received === accepted + repaired + held
  const state = received === 0 ? 'missing' : addsUp ? 'ok' : 'error'
  return (
    <div className="grid gap-3 sm:grid-cols-[minmax(10rem,1.4fr)_repeat(4,1fr)]">
      <div className="min-w-0">
        <p className="flex items-center gap-2 text-sm font-medium">
          <StatusMark state={state} />
          <span className="truncate">{source.source}</span>
        </p>
        <p className="text-xs text-faint">
          {received === 0 ? texts.empty : addsUp ? texts.sum : texts.noSum}
        </p>
      </div>
      <Stat label={texts.received} value={formatCount(received)} />
      <Stat label={texts.accepted} value={formatCount(accepted)} />
      <Stat label={texts.repaired} value={formatCount(repaired)} />
      <Stat label={texts.held} value={formatCount(held)} />
    </div>
  )
}

function FirstChart({ slug, after }: { readonly slug: string; readonly after: string }) {
  const first = useQuery(firstRowsQuery(slug, after))
  return (
    <Card
      title={texts.chart}
      note={first.data && texts.chartOf(first.data.endpoint)}
      actions={
        first.data && (
          <ButtonLink
            size="small"
            to="/t/$tenant/explore"
            params={{ tenant: slug }}
            search={{ endpoint: first.data.endpoint }}
          >
            {texts.explore}
          </ButtonLink>
        )
      }
    >
      <Answer of={first}>
        {(found) =>
          found === null ? (
            <p className="text-sm text-soft">{texts.noChart}</p>
          ) : (
            <Chart
              drawing={{ chart: found.chart, rows: found.rows, formerName: '', missingName: '' }}
              label={texts.chartOf(found.endpoint)}
              height={280}
            />
          )
        }
      </Answer>
    </Card>
  )
}
