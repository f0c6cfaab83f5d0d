import { Download, PackageCheck } from 'lucide-react'
import { useState } from 'react'

import { useAccount, useMay, useTenant } from '~/api/access.ts'
import { callOperation, type InputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { saveStream } from '~/browser/save-stream.ts'
import { inputOf, type Question } from '~/rows/question.ts'
import { DeliveryProgress } from '~/screens/explore/delivery-progress.tsx'
import { common } from '~/texts/common.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button } from '~/ui/button.tsx'
import { Stat } from '~/ui/card.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox, Select } from '~/ui/field.tsx'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { Answer, Skeleton } from '~/ui/states.tsx'
import { showProblem } from '~/ui/toast.tsx'

const formats = ['csv', 'json', 'ndjson', 'parquet'] as const
type Format = (typeof formats)[number]

/** How many, how large and how long is said before anything is written. */
export function ExportDialog({
  question,
  onClose,
}: {
  readonly question: Question
  readonly onClose: () => void
}) {
  const tenant = useTenant()
  const account = useAccount()
  const may = useMay()
  const [format, setFormat] = useState<Format>('csv')
  const [isMailed, setMailed] = useState(false)
  const [isLoading, setLoading] = useState(false)
  const input = inputOf(question)
  // What people open is most likely opened by a spreadsheet.
  const cells = format === 'csv' ? ('spreadsheet' as const) : ('raw' as const)
  const asked = { ...input, format, cells } as InputOf<'rows.estimate'>
  const estimate = useOperation('rows.estimate', asked, { keepFormer: true })
  const delivery = useChange('deliveries.create')
  const way = estimate.data?.way
  const download = async () => {
    setLoading(true)
    try {
      const stream =
        'endpoint' in input
          ? await callOperation(tenant, 'endpoints.rows', asked as InputOf<'endpoints.rows'>)
          : await callOperation(tenant, 'datasets.rows', asked as InputOf<'datasets.rows'>)
      await saveStream(stream)
      onClose()
    } catch (error) {
      showProblem(error)
    } finally {
      setLoading(false)
    }
  }
  const begin = () => {
    // Nobody is written to who did not ask for it.
    const mail = isMailed && account != null ? [account.email] : []
    delivery.mutate({ ...asked, mail })
  }
  const isTooMany = way === 'delivery' && !may('deliveries.create')
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.exportTitle}
      actions={
        delivery.data === undefined && (
          <>
            <Button onClick={onClose}>{common.cancel}</Button>
            {way !== 'delivery' ? (
              <Button
                look="primary"
                icon={<Download size={15} />}
                busy={isLoading}
                disabled={estimate.data === undefined}
                onClick={() => void download()}
              >
                {texts.download}
              </Button>
            ) : (
              <Button
                look="primary"
                operation="deliveries.create"
                icon={<PackageCheck size={15} />}
                busy={delivery.isPending}
                onClick={begin}
              >
                {texts.begin}
              </Button>
            )}
          </>
        )
      }
    >
      {delivery.data !== undefined ? (
        <DeliveryProgress delivery={delivery.data.id} />
      ) : (
        <div className="flex flex-col gap-4">
          <Select
            label={texts.format}
            value={format}
            onChange={(next) => setFormat(next as Format)}
            choices={formats.map((value) => ({ value, label: texts.formats[value] }))}
          />
          <Answer of={estimate} waiting={<Estimating />}>
            {(told) => {
              const size = formatBytes(told.sizeBytes)
              const max = formatCount(told.rowsMax)
              const { published, expected } = told.completeness
              return (
                <>
                  <div className="grid grid-cols-3 gap-3 rounded-md bg-sunken p-3">
                    <Stat label={texts.estimateRows} value={formatCount(told.rows)} />
                    <Stat
                      label={texts.estimateSize}
                      value={told.isExact ? size : texts.about(size)}
                    />
                    <Stat
                      label={texts.estimateTime}
                      value={texts.about(formatDuration(told.seconds * 1000))}
                      note={told.measuredOn > 0 ? texts.measured(told.measuredOn) : texts.guessed}
                    />
                  </div>
                  {published < expected && (
                    <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
                      {texts.incomplete(formatCount(published), formatCount(expected))}
                    </p>
                  )}
                  <p className="text-sm text-soft">
                    {isTooMany
                      ? texts.mayNotDeliver(max)
                      : told.way === 'delivery'
                        ? texts.asDelivery(max)
                        : texts.direct(max)}
                  </p>
                  {told.way === 'delivery' && account != null && !isTooMany && (
                    <Checkbox label={texts.mailMe} checked={isMailed} onChange={setMailed} />
                  )}
                </>
              )
            }}
          </Answer>
        </div>
      )}
    </Dialog>
  )
}

function Estimating() {
  return (
    <div role="status" aria-label={texts.estimating} className="grid grid-cols-3 gap-3 p-3">
      <Skeleton className="h-10 w-full" />
      <Skeleton className="h-10 w-full" />
      <Skeleton className="h-10 w-full" />
    </div>
  )
}
