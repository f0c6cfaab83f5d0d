import { useParams } from '@tanstack/react-router'

import { useMay, useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { addressOf } from '~/screens/receipts/address-of.ts'
import { Compared } from '~/screens/receipts/compared.tsx'
import { LineagePicture } from '~/screens/receipts/lineage-picture.tsx'
import { SourceTable, VersionTable } from '~/screens/receipts/read-tables.tsx'
import { receiptTexts as texts } from '~/texts/receipts.ts'
import { ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Answer, SkeletonRows } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

/** One answer: what was asked, the versions that were read, back to the files. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const { receipt: id = '' } = useParams({ strict: false })
  const may = useMay()
  const [other, setOther] = useAddressState('with', '')
  const receipt = useOperation('receipts.show', { receipt: id })
  const maySources = may('receipts.sources')
  const sources = useOperation(
    'receipts.sources',
    { receipt: id, limit: 1000 },
    { enabled: maySources && receipt.data !== undefined },
  )
  const { data } = receipt
  const again = data && addressOf(data.question)
  return (
    <Page
      title={texts.title}
      note={texts.note}
      asOf={data?.asOf}
      parts={data && { ready: data.completeness.published, all: data.completeness.expected }}
      copy={{ call: { operation: 'receipts.show', input: { receipt: id } } }}
      actions={
        again != null && (
          <>
            {data?.isReadable === true && !data.isCurrent && (
              <ButtonLink
                to="/t/$tenant/explore"
                params={{ tenant }}
                search={{ ...again, as_of: String(data.commit) }}
              >
                {texts.openRows}
              </ButtonLink>
            )}
            <ButtonLink look="primary" to="/t/$tenant/explore" params={{ tenant }} search={again}>
              {data?.isCurrent === true ? texts.openRows : texts.openNow}
            </ButtonLink>
          </>
        )
      }
    >
      <Answer of={receipt} waiting={<Waiting />}>
        {(told) => (
          <>
            <Card title={texts.asked}>
              <div className="flex flex-col gap-2">
                <p className="max-h-40 overflow-y-auto text-base font-medium [overflow-wrap:anywhere]">
                  <bdi>{told.text}</bdi>
                </p>
                <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-faint">
                  <span className="font-mono text-soft">{told.receipt}</span>
                  <span>
                    {texts.firstAsked} <Time at={told.firstAskedAt} />
                  </span>
                  <span className="num">
                    {texts.commit} {formatCount(told.commit)}
                  </span>
                </div>
                <div className="flex flex-wrap gap-2">
                  <Status
                    state={told.isCurrent ? 'fresh' : 'stale'}
                    label={told.isCurrent ? texts.current : texts.replaced}
                  />
                  <Status
                    state={told.isReadable ? 'ok' : 'expired'}
                    label={told.isReadable ? texts.readable : texts.swept}
                  />
                </div>
              </div>
            </Card>
            <Card
              title={texts.picture}
              note={
                maySources
                  ? sources.data?.isComplete === false
                    ? texts.incomplete
                    : undefined
                  : texts.mayNotSee
              }
            >
              <LineagePicture
                receipt={told}
                sources={maySources ? (sources.data?.sources ?? []) : null}
              />
            </Card>
            {may('receipts.compare') && (
              <Compared key={other} receipt={id} other={other} onOther={setOther} />
            )}
            <div id="versions" className="scroll-mt-4">
              <Card flush title={texts.versions}>
                <VersionTable receipt={id} />
              </Card>
            </div>
            {maySources && (
              <div id="sources" className="scroll-mt-4">
                <Card flush title={texts.sources}>
                  <Answer of={sources}>
                    {({ sources: rows }) => <SourceTable sources={rows} />}
                  </Answer>
                </Card>
              </div>
            )}
          </>
        )}
      </Answer>
    </Page>
  )
}

function Waiting() {
  return (
    <Card>
      <SkeletonRows rows={6} />
    </Card>
  )
}
