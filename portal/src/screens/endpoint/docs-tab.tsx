import { Copy } from 'lucide-react'
import { useState } from 'react'

import { useOperation } from '~/api/operation.ts'
import { home } from '~/api/place.ts'
import { RowsTable } from '~/rows/rows-table.tsx'
import { exampleIn, languages, type Language } from '~/screens/endpoint/examples.ts'
import { problemsOf } from '~/screens/endpoint/problems.ts'
import type { Shown } from '~/screens/endpoint/shown.ts'
import { endpointTexts } from '~/texts/endpoint.ts'
import { rowsTexts } from '~/texts/rows.ts'
import { IconButton } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { AsOf } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

const texts = endpointTexts.docs

/** What a caller has to know: parameters, columns, errors, and the question in five languages. */
export function DocsTab({ data }: { readonly data: Shown }) {
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,34rem)]">
      <div className="flex min-w-0 flex-col gap-4">
        <Parameters parameters={data.endpoint.parameters} />
        <Columns data={data} />
        <Errors endpoint={data.endpoint.endpoint} />
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <Examples data={data} />
        <Sample data={data} />
      </div>
    </div>
  )
}

function Cells({
  label,
  heads,
  rows,
}: {
  readonly label: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly React.ReactNode[])[]
}) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full text-sm">
        <thead className="border-y border-line bg-sunken text-left text-xs text-soft">
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className="px-4 py-2 font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line/70">
          {rows.map((cells, at) => (
            <tr key={at}>
              {cells.map((cell, column) => (
                <td
                  key={heads[column]}
                  className="px-4 py-2 align-top [overflow-wrap:anywhere] first:font-mono first:text-xs first:whitespace-nowrap"
                >
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Parameters({ parameters }: { readonly parameters: Shown['endpoint']['parameters'] }) {
  if (parameters.length === 0) return <Card title={texts.parameters}>{rowsTexts.noParameters}</Card>
  return (
    <Card title={texts.parameters} flush>
      <Cells
        label={texts.parameters}
        heads={[texts.name, texts.type, texts.default, texts.allowed, texts.meaning]}
        rows={parameters.map(({ name, type, default: initial, choices, min, max, description }) => [
          name,
          type,
          initial ?? <span className="font-medium text-warn">{texts.needed}</span>,
          choices?.join(', ') ?? (min === null && max === null ? '' : `${min ?? ''}…${max ?? ''}`),
          description,
        ])}
      />
    </Card>
  )
}

function Columns({ data: { endpoint } }: { readonly data: Shown }) {
  const { columns, order, hasDrill } = endpoint
  return (
    <Card title={texts.columns} note={order === null ? undefined : `${texts.order} ${order}`} flush>
      <Cells
        label={texts.columns}
        heads={[texts.name, texts.type, texts.unit, texts.meaning]}
        rows={columns.map(({ name, type, unit, description }) => [
          name,
          type ?? texts.unknownType,
          unit ?? '',
          description ?? '',
        ])}
      />
      {hasDrill && (
        <p className="border-t border-line px-4 py-2 text-xs text-faint">{texts.drill}</p>
      )}
    </Card>
  )
}

function Errors({ endpoint }: { readonly endpoint: string }) {
  const document = useOperation('openapi.tenant', { examples: false })
  return (
    <Card title={texts.errors} flush>
      <Answer of={document}>
        {(data) => (
          <Cells
            label={texts.errors}
            heads={[texts.status, texts.what]}
            rows={problemsOf(data, endpoint).map(({ status, codes, text }) => [
              status,
              codes.length === 0
                ? text
                : codes.map(({ code, text: own }) => (
                    <p key={code}>
                      <code className="font-mono text-xs">{code}</code> {own}
                    </p>
                  )),
            ])}
          />
        )}
      </Answer>
    </Card>
  )
}

function Examples({ data: { endpoint, example } }: { readonly data: Shown }) {
  const [language, setLanguage] = useState<Language>('curl')
  const text = exampleIn(language, {
    ...example,
    url: home.replace(/\/$/, ''),
    endpoint: endpoint.endpoint,
  })
  return (
    <Card
      title={texts.examples}
      note={texts.keyHint}
      actions={
        <IconButton
          label={texts.copy}
          onClick={() => void copyText(text, texts.languages[language])}
        >
          <Copy size={15} />
        </IconButton>
      }
    >
      <div className="flex flex-col gap-3">
        <Segments
          label={texts.examples}
          value={language}
          onChange={setLanguage}
          segments={languages.map((value) => ({ value, label: texts.languages[value] }))}
        />
        <pre
          tabIndex={0}
          aria-label={texts.languages[language]}
          className="rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
        >
          {text}
        </pre>
      </div>
    </Card>
  )
}

function Sample({ data: { endpoint, sample } }: { readonly data: Shown }) {
  if (sample === null) return null
  return (
    <Card title={texts.sample} note={texts.asks} flush>
      <div className="px-4 pb-2">
        <AsOf receipt={sample.receipt} />
      </div>
      <RowsTable
        label={texts.sample}
        columns={endpoint.columns}
        rows={sample.rows}
        empty={<Empty title={rowsTexts.noRows} />}
      />
    </Card>
  )
}
