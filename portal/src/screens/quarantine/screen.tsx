import { Link, useParams } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import { FlowBar } from '~/intake/flow-bar.tsx'
import { RankedBars } from '~/intake/ranked-bars.tsx'
import { reasonWords } from '~/intake/reason-words.ts'
import { FileHeat } from '~/screens/quarantine/file-heat.tsx'
import { HeldRows } from '~/screens/quarantine/held-rows.tsx'
import { PendingMends } from '~/screens/quarantine/pending-mends.tsx'
import { ReplayProgress } from '~/screens/quarantine/replay-progress.tsx'
import { SentReplay } from '~/screens/quarantine/sent-replay.tsx'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { formatCount, formatShare } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

/** What was held back of one source: why, where, row by row, and how it is mended. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const { source = '' } = useParams({ strict: false })
  const { run, replay } = useAddressValues()
  const input = { dataset: source, limit: 0 }
  const held = useOperation('quarantine.list', input)
  return (
    <Page
      title={texts.title(source)}
      note={texts.note}
      above={
        <Link to="/t/$tenant/quality" params={{ tenant }} className="hover:text-ink">
          {texts.above}
        </Link>
      }
      copy={{ call: { operation: 'quarantine.list', input } }}
      actions={
        <ButtonLink
          to="/t/$tenant/sources/$source"
          params={{ tenant, source }}
          operation="sources.show"
        >
          {texts.toSource}
        </ButtonLink>
      }
    >
      <Answer of={held}>{(data) => <Contents {...{ source, data, run, replay }} />}</Answer>
    </Page>
  )
}

function Contents({
  source,
  data,
  run,
  replay,
}: {
  readonly source: string
  readonly data: OutputOf<'quarantine.list'>
  readonly run: string | undefined
  readonly replay: string | undefined
}) {
  const flow = totalOf(data.partitions)
  if (data.partitions.length === 0) {
    return (
      <Card>
        <Empty title={texts.nothing}>{texts.nothingHint}</Empty>
      </Card>
    )
  }
  return (
    <>
      {run !== undefined && <ReplayProgress run={run} />}
      {replay !== undefined && <SentReplay acknowledgements={replay.split(' ')} />}
      <PendingMends source={source} />
      <Card title={texts.flow} note={texts.flowNote}>
        <FlowBar flow={flow} />
      </Card>
      {flow.quarantined === 0 ? (
        <Card>
          <Empty
            icon={<StatusMark state="passed" size={40} />}
            title={<span className="text-lg">{texts.clean(formatCount(flow.received))}</span>}
          >
            {texts.cleanHint}
          </Empty>
        </Card>
      ) : (
        <>
          <div className="grid min-w-0 gap-4 lg:grid-cols-2">
            <Reasons data={data} />
            <FileHeat source={source} />
          </div>
          <HeldRows source={source} partitions={data.partitions} reasons={data.reasons} />
        </>
      )}
    </>
  )
}

function Reasons({ data }: { readonly data: OutputOf<'quarantine.list'> }) {
  const { reason } = useAddressValues()
  const set = useSetAddress()
  return (
    <Card title={texts.reasons} note={texts.reasonsNote}>
      <RankedBars
        label={texts.reasons}
        picked={reason ?? null}
        onPick={(key) => set({ reason: key === reason ? undefined : key })}
        items={data.reasons.map((one) => ({
          key: one.reason,
          label: reasonWords(one.reason),
          name: one.reason,
          value: one.rows,
          note: formatShare(one.rows / Math.max(data.quarantined, 1)),
        }))}
      />
    </Card>
  )
}

function totalOf(partitions: OutputOf<'quarantine.list'>['partitions']) {
  const sum = { received: 0, accepted: 0, repaired: 0, quarantined: 0, withheld: 0, erased: 0 }
  for (const one of partitions) {
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += one[key]
  }
  return sum
}
