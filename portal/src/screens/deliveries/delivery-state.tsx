import { Mail } from 'lucide-react'

import {
  isUnderWay,
  lookOfDelivery,
  lookOfMail,
  nameOf,
  shareOf,
  type DeliveryRow,
} from '~/screens/deliveries/delivery-row.ts'
import { leftOf } from '~/screens/deliveries/life.ts'
import { deliveriesTexts as texts } from '~/texts/deliveries.ts'
import { classes } from '~/ui/classes.ts'
import { Progress } from '~/ui/drawings.tsx'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { Status, StatusMark } from '~/ui/status.tsx'
import { useNow } from '~/ui/time.tsx'

const DAY_MS = 86_400_000

/** How it goes: the chip, how far it is, what went wrong, how long its link still works. */
export function DeliveryState({ row }: { readonly row: DeliveryRow }) {
  const { state, error } = row
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-faint">
        <Status state={lookOfDelivery(state)} label={texts.states[state]} />
        <Amount row={row} />
        {row.attempts > 1 && <span>{texts.attempts(row.attempts)}</span>}
        <MailMarks states={row.mailStates ?? []} />
      </div>
      {isUnderWay(row) && state === 'running' && (
        <Progress share={shareOf(row)} label={texts.progress(nameOf(row))} />
      )}
      {error !== null && (
        <p className="text-xs text-bad [overflow-wrap:anywhere]">
          {error.message} <span className="text-soft">{error.remedy}</span>
        </p>
      )}
    </div>
  )
}

function Amount({ row }: { readonly row: DeliveryRow }) {
  const { state, progress, rows, sizeBytes } = row
  if (state === 'queued') return <span>{texts.waiting}</span>
  if (progress !== null) {
    const { step, rowsExpected } = progress
    const done = formatCount(progress.rows)
    return (
      <span className="num">
        {step === 'reading' ? texts.reading : texts.handingOver}{' '}
        {rowsExpected === null ? texts.rows(done) : texts.ofRows(done, formatCount(rowsExpected))}
        {' · '}
        {formatBytes(progress.bytes)}
      </span>
    )
  }
  if (rows === null) return null
  return (
    <span className="num">
      {texts.rows(formatCount(rows))}
      {sizeBytes !== null && ` · ${formatBytes(sizeBytes)}`}
      {row.targetName === null && <Left row={row} />}
    </span>
  )
}

/** How the mails that tell of it came out: a mark for each. */
function MailMarks({ states }: { readonly states: NonNullable<DeliveryRow['mailStates']> }) {
  if (states.length === 0) return null
  return (
    <span className="inline-flex items-center gap-1">
      <Mail size={13} aria-hidden />
      {states.map((state, at) => (
        <StatusMark
          key={at}
          state={lookOfMail(state)}
          size={10}
          title={texts.mail(texts.mailStates[state])}
        />
      ))}
    </span>
  )
}

function Left({ row }: { readonly row: DeliveryRow }) {
  const now = useNow()
  const left = row.state === 'ready' ? leftOf(row.expiresAt, now) : null
  if (left === null) return null
  return (
    <span className={classes(left < DAY_MS && 'font-medium text-warn')}>
      {' · '}
      {texts.left(formatDuration(left))}
    </span>
  )
}
