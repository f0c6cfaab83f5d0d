import { ChevronRight, FileInput, ScrollText, Table2 } from 'lucide-react'
import type { ReactNode } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { receiptTexts as texts } from '~/texts/receipts.ts'
import { formatBytes, formatCount } from '~/ui/format.ts'

type Receipt = OutputOf<'receipts.show'>
type Sources = OutputOf<'receipts.sources'>['sources']

/** From left to right: files that were brought in, datasets that were read, the answer. */
export function LineagePicture({
  receipt,
  sources,
}: {
  readonly receipt: Receipt
  /** Null: the viewer may not see them. */
  readonly sources: Sources | null
}) {
  const files = Array.from(Map.groupBy(sources ?? [], ({ dataset }) => dataset))
  const counts = [formatCount(sources?.length ?? 0), formatCount(receipt.datasets.length)] as const
  return (
    <div
      role="group"
      aria-label={texts.pictureLabel(...counts)}
      className="flex flex-col items-stretch gap-2 md:flex-row md:items-center"
    >
      {sources !== null && (
        <>
          <Stage title={texts.files}>
            {files.map(([dataset, own]) => {
              const size = own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
              const held = own.reduce((sum, { quarantined }) => sum + quarantined, 0)
              const accepted = own.reduce((sum, one) => sum + one.accepted, 0)
              return (
                <Box key={dataset} icon={<FileInput size={15} />} name={dataset} href="#sources">
                  <span>
                    {texts.filesOf(formatCount(own.length))} · {formatBytes(size)}
                  </span>
                  <span>{texts.accepted(formatCount(accepted))}</span>
                  {held > 0 && (
                    <span className="text-warn">{texts.quarantined(formatCount(held))}</span>
                  )}
                </Box>
              )
            })}
            {files.length === 0 && <p className="text-xs text-faint">{texts.noFiles}</p>}
          </Stage>
          <Arrow />
        </>
      )}
      <Stage title={texts.read}>
        {receipt.datasets.map((one) => (
          <Box key={one.dataset} icon={<Table2 size={15} />} name={one.dataset} href="#versions">
            <span>
              {texts.partitions(formatCount(one.partitions))} · {texts.rows(formatCount(one.rows))}
            </span>
            <span>{one.first === one.last ? one.first : `${one.first} … ${one.last}`}</span>
            <span>{texts.codes(one.codeVersions.length)}</span>
            {one.checksFailed > 0 ? (
              <span className="text-warn">{texts.checksFailed(formatCount(one.checksFailed))}</span>
            ) : (
              <span className="text-good">{texts.checksPassed}</span>
            )}
            {one.replaced > 0 && (
              <span className="text-warn">{texts.notCurrent(formatCount(one.replaced))}</span>
            )}
          </Box>
        ))}
      </Stage>
      <Arrow />
      <Stage title={texts.answer}>
        <Box icon={<ScrollText size={15} />} name={receipt.text}>
          <span className="font-mono">{receipt.receipt}</span>
        </Box>
      </Stage>
    </div>
  )
}

function Arrow() {
  return (
    <ChevronRight
      size={20}
      aria-hidden
      className="shrink-0 rotate-90 self-center text-line-strong md:rotate-0"
    />
  )
}

function Stage({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="flex min-w-0 grow basis-0 flex-col gap-2">
      <h3 className="text-2xs font-medium tracking-wide text-faint uppercase">{title}</h3>
      {children}
    </div>
  )
}

function Box({
  icon,
  name,
  href,
  children,
}: {
  readonly icon: ReactNode
  readonly name: string
  /** Part of the page with the rows behind it. */
  readonly href?: string
  readonly children: ReactNode
}) {
  const inside = (
    <>
      <span className="flex min-w-0 items-center gap-1.5 text-sm font-medium">
        <span aria-hidden className="shrink-0 text-faint">
          {icon}
        </span>
        <bdi className="line-clamp-3 min-w-0 [overflow-wrap:anywhere]">{name}</bdi>
      </span>
      <span className="num flex flex-col text-xs text-soft [overflow-wrap:anywhere]">
        {children}
      </span>
    </>
  )
  const look =
    'flex min-w-0 flex-col gap-1 rounded-md border border-line bg-sunken px-3 py-2 text-left'
  if (href === undefined) return <div className={look}>{inside}</div>
  return (
    <button
      type="button"
      className={`${look} hover:border-accent`}
      onClick={() => document.querySelector(href)?.scrollIntoView({ block: 'start' })}
    >
      {inside}
    </button>
  )
}
