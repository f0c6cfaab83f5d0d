import { BellRing, FileCheck2 } from 'lucide-react'

import { useOperation } from '~/api/operation.ts'
import { callOperation } from '~/api/client.ts'
import { Deployed } from '~/screens/operate-health/deployed.tsx'
import {
  findingsOf,
  lookOfFinding,
  type Finding,
  type Health,
} from '~/screens/operate-health/health.ts'
import { Queue } from '~/screens/operate-health/queue.tsx'
import { TenantSquares } from '~/screens/operate-health/tenant-squares.tsx'
import { Workers } from '~/screens/operate-health/workers.tsx'
import { healthTexts as texts } from '~/texts/operate-health.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Page } from '~/ui/page.tsx'
import { Answer, SkeletonRows } from '~/ui/states.tsx'
import { Status, StatusMark } from '~/ui/status.tsx'
import { showDone, showProblem } from '~/ui/toast.tsx'
import { useMutation } from '@tanstack/react-query'

const EVERY_MS = 30_000

/** Everything at a glance: what is not well first, with the way out. */
export function Screen() {
  const health = useOperation('health.check', {}, { everyMs: EVERY_MS })
  const deep = useMutation({
    mutationFn: () => callOperation(null, 'health.check', { deep: true }),
    onSuccess: ({ checks }) => {
      const files = checks.find(({ name }) => name === 'files')
      showDone(texts.deepDone, files?.detail)
      void health.refetch()
    },
    onError: showProblem,
  })
  return (
    <Page
      wide
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'health.check', input: {} } }}
      actions={
        <Button
          operation="health.check"
          title={texts.deepNote}
          busy={deep.isPending}
          icon={<FileCheck2 size={15} aria-hidden />}
          onClick={() => deep.mutate()}
        >
          {texts.deep}
        </Button>
      }
    >
      <Answer of={health} waiting={<SkeletonRows rows={4} />}>
        {(data) => <Standing health={data} />}
      </Answer>
      <TenantSquares />
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <Workers />
        <Queue />
        <Deployed />
        <Card title={texts.alerts} note={texts.alertsNote}>
          <p className="flex items-start gap-2 text-sm text-soft">
            <BellRing size={16} aria-hidden className="mt-0.5 shrink-0 text-faint" />
            {texts.alertsNow}
          </p>
        </Card>
      </div>
    </Page>
  )
}

/** The whole in one word, what to do about it, and each part. */
function Standing({ health }: { readonly health: Health }) {
  const findings = findingsOf(health)
  const tone = { ok: 'border-good', warning: 'border-warn', problem: 'border-bad' }[health.state]
  return (
    <>
      <div
        role="status"
        className={classes(
          'flex flex-col gap-3 rounded-lg border-l-4 bg-surface p-4 shadow-card',
          tone,
        )}
      >
        <p className="flex items-center gap-2.5 text-lg font-semibold">
          <StatusMark state={lookOfFinding[health.state]} size={18} />
          {texts.states[health.state]}
        </p>
        {findings.map((finding) => (
          <FindingRow key={finding.name} finding={finding} />
        ))}
      </div>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(15rem,100%),1fr))] gap-2">
        {health.checks.map((check) => (
          <Part key={check.name} check={check} />
        ))}
      </ul>
    </>
  )
}

function FindingRow({ finding: { name, state, detail, remedy } }: { readonly finding: Finding }) {
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-1 border-t border-line pt-3 text-sm">
      <Status state={lookOfFinding[state]} label={texts.names[name] ?? name} />
      <div className="min-w-60 flex-1">
        <p className="[overflow-wrap:anywhere]">{detail}</p>
        {remedy !== null && <p className="[overflow-wrap:anywhere] text-soft">{remedy}</p>}
      </div>
    </div>
  )
}

function Part({ check: { name, state, detail } }: { readonly check: Finding }) {
  return (
    <li className="flex min-w-0 items-start gap-2.5 rounded-lg border border-line bg-surface px-3 py-2">
      <span className="pt-1">
        <StatusMark state={lookOfFinding[state]} title={texts.words[state]} />
      </span>
      <div className="min-w-0">
        <h2 className="text-sm font-medium">{texts.names[name] ?? name}</h2>
        <p className="line-clamp-2 text-xs [overflow-wrap:anywhere] text-faint" title={detail}>
          {detail}
        </p>
      </div>
    </li>
  )
}
