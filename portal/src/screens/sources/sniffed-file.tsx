import { ClipboardCopy, X } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import type { Head } from '~/intake/sniff/read-head.ts'
import { matchSource, sourceText } from '~/intake/sniff/source-text.ts'
import type { Sniffed, SniffedColumn } from '~/intake/sniff/sniff.ts'
import { sourcesTexts as texts } from '~/texts/sources.ts'
import { Button, ButtonLink, IconButton } from '~/ui/button.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount, formatDuration, formatShare } from '~/ui/format.ts'

/** What a file holds, and the way on: the source that it fits, or a definition that would read it. */
export function SniffedFile({
  name,
  head,
  sniffed,
  tookMs,
  sources,
  onClose,
}: {
  readonly name: string
  readonly head: Head
  readonly sniffed: Sniffed
  readonly tookMs: number
  readonly sources: readonly { readonly source: string; readonly columns: readonly string[] }[]
  readonly onClose: () => void
}) {
  const tenant = useTenant() ?? ''
  const match = matchSource(
    sniffed.columns.map((column) => column.name),
    sources,
  )
  const rows = formatCount(sniffed.rows)
  const took = formatDuration(Math.max(tookMs, 1))
  const isComma = sniffed.delimiter === null || sniffed.delimiter === ','
  return (
    <div className="mt-4 flex flex-col gap-3">
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow">
          <h2 className="text-sm font-semibold [overflow-wrap:anywhere]">{name}</h2>
          <p className="num text-xs text-faint">
            {head.isWhole ? texts.looked(rows, took) : texts.lookedFirst(rows, took)}
          </p>
        </div>
        <IconButton label={texts.putAway} onClick={onClose}>
          <X size={16} />
        </IconButton>
      </div>
      <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
        <Fact label={texts.format}>
          {sniffed.format}
          {head.isGzip && ` · ${texts.gzip}`}
        </Fact>
        {sniffed.delimiter !== null && (
          <Fact label={texts.delimiter}>
            {texts.delimiters[sniffed.delimiter] ?? sniffed.delimiter}
          </Fact>
        )}
        <Fact label={texts.encoding}>{head.encoding}</Fact>
      </dl>
      {sniffed.ragged > 0 && <Warning>{texts.ragged(formatCount(sniffed.ragged))}</Warning>}
      {!isComma && <Warning>{texts.onlyComma}</Warning>}
      {head.encoding !== 'UTF-8' && <Warning>{texts.onlyUtf8}</Warning>}
      <div className="overflow-hidden rounded-md border border-line">
        <DataTable
          label={name}
          height={320}
          columns={columnsOf(sniffed.rows)}
          rows={sniffed.columns}
          rowKey={(_column, at) => at}
        />
      </div>
      {match ? (
        <div className="flex flex-wrap items-center gap-3">
          <p className="text-sm">
            {match.share === 1
              ? texts.fits(match.source)
              : texts.fitsPart(match.source, formatShare(match.share))}
          </p>
          <ButtonLink
            look="primary"
            to="/t/$tenant/sources/$source"
            params={{ tenant, source: match.source }}
            search={{ tab: 'settings' }}
          >
            {texts.configure}
          </ButtonLink>
        </div>
      ) : (
        <Definition text={sourceText(name, sniffed)} />
      )}
    </div>
  )
}

function Definition({ text }: { readonly text: string }) {
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-3">
        <p className="mr-auto text-sm">{texts.fitsNone}</p>
        <Button
          size="small"
          icon={<ClipboardCopy size={14} aria-hidden />}
          onClick={() => void copyText(text, texts.copyDefinition)}
        >
          {texts.copyDefinition}
        </Button>
      </div>
      <pre
        tabIndex={0}
        aria-label={texts.fitsNone}
        className="max-h-80 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs"
      >
        {text}
      </pre>
    </div>
  )
}

function Fact({ label, children }: { readonly label: string; readonly children: React.ReactNode }) {
  return (
    <div className="flex gap-1.5">
      <dt className="text-faint">{label}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  )
}

function Warning({ children }: { readonly children: React.ReactNode }) {
  return <p className="rounded-md bg-warn-soft px-3 py-1.5 text-sm text-warn">{children}</p>
}

function columnsOf(rows: number): readonly Column<SniffedColumn>[] {
  return [
    {
      id: 'column',
      title: texts.column,
      width: 220,
      cell: ({ name }) => (
        <span title={name} className="font-medium">
          {name}
        </span>
      ),
    },
    { id: 'type', title: texts.type, width: 110, cell: ({ type }) => <code>{type}</code> },
    {
      id: 'empty',
      title: texts.empty,
      width: 90,
      align: 'right',
      cell: ({ empty }) => (rows === 0 ? '–' : formatShare(empty / rows)),
    },
    {
      id: 'examples',
      title: texts.examples,
      width: 'auto',
      cell: ({ examples }) => (
        <span className="text-soft" dir="auto">
          {examples.join(' · ')}
        </span>
      ),
    },
  ]
}
