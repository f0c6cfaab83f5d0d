import { Link } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { DeliveryActions } from '~/screens/deliveries/delivery-actions.tsx'
import { Asked, Asker, Fact, Facts } from '~/screens/deliveries/delivery-facts.tsx'
import { isUnderWay, lookOfMail, nameOf } from '~/screens/deliveries/delivery-row.ts'
import { DeliveryState } from '~/screens/deliveries/delivery-state.tsx'
import { deliveriesTexts as texts } from '~/texts/deliveries.ts'
import { Drawer } from '~/ui/dialog.tsx'
import { formatBytes, formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Shown = OutputOf<'deliveries.show'>

/** Everything about one delivery: its file, its mails, and what was asked. */
export function DeliveryDrawer({
  delivery,
  onClose,
}: {
  readonly delivery: string
  readonly onClose: () => void
}) {
  const shown = useOperation(
    'deliveries.show',
    { delivery },
    { enabled: delivery !== '', everyMs: (data) => (data && isUnderWay(data) ? 1000 : false) },
  )
  return (
    <Drawer
      open={delivery !== ''}
      onClose={onClose}
      title={shown.data ? nameOf(shown.data) : texts.details}
      note={delivery}
    >
      <Answer of={shown}>
        {(data) => (
          <div className="flex flex-col gap-5">
            <div className="flex flex-wrap items-start justify-between gap-2">
              <DeliveryState row={data} />
              <DeliveryActions row={data} />
            </div>
            <Section title={texts.file}>
              <FileFacts data={data} />
            </Section>
            <Section title={texts.what}>
              <Asked asked={data.asked} />
            </Section>
            <Section title={texts.mails}>
              <Mails mails={data.mails} />
            </Section>
          </div>
        )}
      </Answer>
    </Drawer>
  )
}

function Section({
  title,
  children,
}: {
  readonly title: string
  readonly children: React.ReactNode
}) {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-xs font-semibold tracking-wide text-soft">{title}</h3>
      {children}
    </section>
  )
}

function FileFacts({ data }: { readonly data: Shown }) {
  const tenant = useTenant() ?? ''
  const { receipt, downloads, downloadsMax } = data
  return (
    <Facts>
      <Fact name={texts.asked}>
        <Time at={data.createdAt} exact /> {texts.by} <Asker name={data.askedBy} />
      </Fact>
      {data.rows !== null && data.sizeBytes !== null && (
        <Fact name={texts.size}>
          {texts.rows(formatCount(data.rows))} · {formatBytes(data.sizeBytes)}
        </Fact>
      )}
      <Fact name={texts.target}>
        {data.targetName === null
          ? texts.targetFile
          : texts.targetOf(data.targetName, texts.targets[data.target] ?? data.target)}
      </Fact>
      {Object.entries({ ...data.placed })
        .filter(([name]) => texts.placed[name] !== undefined)
        .map(([name, value]) => (
          <Fact key={name} name={texts.placed[name] ?? name} mono={name === 'place'}>
            {typeof value === 'number' ? formatCount(value) : String(value)}
          </Fact>
        ))}
      {data.targetName === null && data.expiresAt !== null && (
        <Fact name={texts.expires}>
          <Time at={data.expiresAt} exact />
        </Fact>
      )}
      {data.targetName === null && data.state === 'ready' && (
        <Fact name={texts.downloads}>
          {downloadsMax === null
            ? formatCount(downloads)
            : texts.downloadsOf(downloads, downloadsMax)}
        </Fact>
      )}
      {data.sha256 !== null && (
        <Fact name={texts.checksum} mono>
          {data.sha256}
        </Fact>
      )}
      <Fact name={texts.receipt} mono>
        <Link
          to="/t/$tenant/receipts/$receipt"
          params={{ tenant, receipt }}
          className="underline decoration-dotted underline-offset-2"
        >
          {receipt}
        </Link>
      </Fact>
    </Facts>
  )
}

function Mails({ mails }: { readonly mails: Shown['mails'] }) {
  if (mails.length === 0) return <p className="text-sm text-faint">{texts.noMails}</p>
  return (
    <ul className="divide-y divide-line rounded-md border border-line">
      {mails.map((mail) => (
        <li key={mail.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-sm">
          <span className="mr-auto [overflow-wrap:anywhere]">{mail.to}</span>
          <Status state={lookOfMail(mail.state)} label={texts.mailStates[mail.state]} />
          <span className="text-xs text-faint">
            <Time at={mail.endedAt ?? mail.createdAt} />
          </span>
          {mail.error !== null && (
            <p className="w-full text-xs text-bad [overflow-wrap:anywhere]">
              {mail.error}
              {mail.nextTryAt !== null && (
                <>
                  {' · '}
                  {texts.mailNext} <Time at={mail.nextTryAt} />
                </>
              )}
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}
