import { Download, PackageCheck } from 'lucide-react'
import { useState } from 'react'

import { useAccount, useMay, useTenant } from '~/api/access.ts'
import { callOperation, type InputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { saveStream } from '~/browser/save-stream.ts'
import { inputOf, type Question } from '~/rows/question.ts'
import { DeliveryProgress } from '~/sending/delivery-progress.tsx'
import { Estimated, Estimating } from '~/sending/estimate.tsx'
import { FormatField, type Format } from '~/sending/format-field.tsx'
import { common } from '~/texts/common.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { showProblem } from '~/ui/toast.tsx'

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
          <FormatField value={format} onChange={setFormat} />
          <Answer of={estimate} waiting={<Estimating />}>
            {(told) => {
              const max = formatCount(told.rowsMax)
              return (
                <>
                  <Estimated told={told} />
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
