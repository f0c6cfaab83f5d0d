import { Link } from '@tanstack/react-router'

import { useMay, useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { problemsOf, type OpenProblem } from '~/screens/home/problems.ts'
import { homeTexts as texts } from '~/texts/home.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty, SkeletonRows } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

/** What is not as it should be, each with the way to where it is solved. */
export function OpenProblems() {
  const may = useMay()
  const datasets = useOperation('datasets.list', {})
  const held = useOperation(
    'quarantine.reasons',
    { limit: 200 },
    { enabled: may('quarantine.reasons') },
  )
  const arrivals = useOperation('home.arrivals', { days: 30 })
  const reports = useOperation(
    'reports.calendar',
    { days: 1, runs: 1, limit: 100 },
    { enabled: may('reports.calendar') },
  )
  return (
    <Card title={texts.problems}>
      <Answer of={datasets} waiting={<SkeletonRows rows={3} />}>
        {(known) => {
          const problems = problemsOf({
            datasets: known.datasets,
            quarantine: held.data?.partitions ?? [],
            sources: arrivals.data?.sources ?? [],
            reports: reports.data?.reports ?? [],
          })
          return problems.length === 0 ? (
            <Empty icon={<StatusMark state="ok" size={28} />} title={texts.noProblems}>
              {texts.noProblemsHint}
            </Empty>
          ) : (
            <ul className="flex flex-col divide-y divide-line">
              {problems.map((problem) => (
                <li
                  key={`${problem.kind} ${problem.name}`}
                  className="flex min-w-0 items-center gap-2 py-1.5 text-sm"
                >
                  <StatusMark state={marks[problem.kind]} />
                  <Way problem={problem} />
                </li>
              ))}
            </ul>
          )
        }}
      </Answer>
    </Card>
  )
}

const marks: Record<OpenProblem['kind'], string> = {
  failed: 'failed',
  held: 'held',
  stale: 'stale',
  quarantine: 'warning',
  old: 'breached',
  report: 'failed',
}

function Way({ problem }: { readonly problem: OpenProblem }) {
  const tenant = useTenant() ?? ''
  const { name } = problem
  const words = (
    <>
      <span className="font-medium">{name}</span>
      <span className="text-soft"> · {wordsOf(problem)}</span>
    </>
  )
  const look = 'min-w-0 grow truncate hover:underline'
  switch (problem.kind) {
    case 'quarantine':
      return (
        <Link to="/t/$tenant/quarantine/$source" params={{ tenant, source: name }} className={look}>
          {words}
        </Link>
      )
    case 'old':
      return (
        <Link to="/t/$tenant/sources/$source" params={{ tenant, source: name }} className={look}>
          {words}
        </Link>
      )
    case 'report':
      return (
        <Link to="/t/$tenant/reports" params={{ tenant }} className={look}>
          {words}
        </Link>
      )
    case 'failed':
    case 'held':
    case 'stale':
      return (
        <Link
          to="/t/$tenant/matrix"
          params={{ tenant }}
          search={{ dataset: name }}
          className={look}
        >
          {words}
        </Link>
      )
  }
}

function wordsOf({ kind, count, about }: OpenProblem): string {
  switch (kind) {
    case 'failed':
      return texts.problemFailed(count)
    case 'held':
      return texts.problemHeld(count)
    case 'stale':
      return texts.problemStale(count)
    case 'quarantine':
      return texts.problemRows(formatCount(count))
    case 'old':
      return texts.problemOld(about ?? texts.nothingNewest)
    case 'report':
      return [texts.problemReport, about].filter((part) => part).join(': ')
  }
}
