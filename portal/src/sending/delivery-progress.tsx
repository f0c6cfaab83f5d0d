import { Copy, Download } from 'lucide-react'

import { useTenant, useZone } from '~/api/access.ts'
import { callOperation } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { saveStream } from '~/browser/save-stream.ts'
import { sendingTexts as texts } from '~/texts/sending.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { Progress } from '~/ui/drawings.tsx'
import { formatBytes, formatCount, formatTime } from '~/ui/format.ts'
import { Answer, Skeleton } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { showProblem } from '~/ui/toast.tsx'

const LOOK_MS = 700

/** How far a delivery is, until its file is there; then the file and its link. */
export function DeliveryProgress({ delivery }: { readonly delivery: string }) {
  const tenant = useTenant() ?? ''
  const zone = useZone()
  const shown = useOperation(
    'deliveries.show',
    { delivery },
    { everyMs: (data) => (data === undefined || isUnderWay(data.state) ? LOOK_MS : false) },
  )
  const fetchFile = async () => {
    try {
      const stream = await callOperation(tenant, 'deliveries.file', { delivery })
      await saveStream(stream)
    } catch (error) {
      showProblem(error)
    }
  }
  return (
    <Answer of={shown} waiting={<Skeleton className="h-16 w-full" />}>
      {({ state, progress, rows, sizeBytes, link, expiresAt, error, placed, target }) => (
        <div className="flex flex-col gap-3" aria-live="polite">
          <div className="flex flex-wrap items-center gap-3 text-sm">
            <Status state={state} />
            {state === 'queued' && <span className="text-soft">{texts.queued}</span>}
            {progress !== null && (
              <span className="num text-soft">{texts.writing(formatBytes(progress.bytes))}</span>
            )}
            {rows !== null && (
              <span className="num text-soft">
                {texts.rows(formatCount(rows))} · {formatBytes(sizeBytes ?? 0)}
              </span>
            )}
          </div>
          {isUnderWay(state) && <Progress label={texts.progress} share={shareOf(progress)} />}
          {error !== null && (
            <p role="alert" className="text-sm text-bad [overflow-wrap:anywhere]">
              {error.message} {error.remedy}
            </p>
          )}
          {state === 'ready' && placed !== null && target !== 'file' && (
            <p className="text-sm [overflow-wrap:anywhere]">
              {texts.placed(typeof placed['place'] === 'string' ? placed['place'] : '')}
            </p>
          )}
          {state === 'ready' && target === 'file' && (
            <div className="flex flex-wrap items-center gap-2">
              <Button look="primary" icon={<Download size={15} />} onClick={() => void fetchFile()}>
                {texts.fetchFile}
              </Button>
              {link !== null && (
                <Button
                  icon={<Copy size={15} />}
                  onClick={() => void copyText(link, texts.copyLink)}
                >
                  {texts.copyLink}
                </Button>
              )}
            </div>
          )}
          {state === 'ready' && link !== null && expiresAt !== null && (
            <p className="text-xs text-faint">{texts.until(formatTime(expiresAt, zone))}</p>
          )}
          <div>
            <ButtonLink size="small" look="quiet" to="/t/$tenant/deliveries" params={{ tenant }}>
              {texts.toDeliveries}
            </ButtonLink>
          </div>
        </div>
      )}
    </Answer>
  )
}

function isUnderWay(state: string): boolean {
  return state === 'queued' || state === 'running'
}

function shareOf(
  progress: { readonly rows: number; readonly rowsExpected: number | null } | null,
): number | null {
  if (progress === null || progress.rowsExpected === null || progress.rows === 0) return null
  return Math.min(progress.rows / progress.rowsExpected, 1)
}
