import type { OutputOf } from '~/api/client.ts'
import { Code, CopyCode } from '~/screens/analysis/code.tsx'
import { Links } from '~/screens/analysis/links.tsx'
import { analysesTexts } from '~/texts/analyses.ts'
import { Card } from '~/ui/card.tsx'
import { Empty } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

const texts = analysesTexts.one

type Analysis = OutputOf<'analyses.show'>

/** The code, and beside it what it reads and feeds, its columns and checks. */
export function Overview({ analysis }: { readonly analysis: Analysis }) {
  const { text, language, inputs, outputs, file, pack } = analysis
  return (
    <div className="grid min-w-0 items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <Card
        flush
        title={texts.code}
        note={texts.file(file, pack)}
        actions={text !== null && <CopyCode text={text} />}
      >
        {text === null ? (
          <Empty title={texts.codeHidden} />
        ) : (
          <Code text={text} language={language} />
        )}
      </Card>
      <div className="flex min-w-0 flex-col gap-4">
        <Card title={texts.inputs}>
          <Links links={inputs} none={texts.noInputs} />
        </Card>
        <Card title={texts.outputs}>
          <Links links={outputs} none={texts.noOutputs} />
        </Card>
        <Checks checks={analysis.checks} />
        <Columns columns={analysis.columns} />
      </div>
    </div>
  )
}

function Checks({ checks }: { readonly checks: Analysis['checks'] }) {
  if (checks === null) return null
  return (
    <Card title={texts.checks}>
      {checks.length === 0 && <p className="text-sm text-soft">{texts.noChecks}</p>}
      <ul className="flex flex-col gap-2">
        {checks.map(({ name, severity, rule, looked, failed, message }) => (
          <li key={name} className="flex gap-2.5 text-sm">
            <span className="pt-1">
              <StatusMark state={looked === 0 ? 'ready' : failed > 0 ? 'failed' : 'ok'} />
            </span>
            <div className="min-w-0">
              <p>
                <span className="font-medium">{name}</span>{' '}
                <span className="text-xs text-faint">{texts[severity]}</span>
              </p>
              <code className="font-mono text-xs [overflow-wrap:anywhere] text-soft">{rule}</code>
              <p className="text-xs text-faint">
                {looked === 0
                  ? texts.neverRun
                  : failed > 0
                    ? texts.broken(failed, looked)
                    : texts.kept(looked)}
              </p>
              {message !== null && (
                <p className="text-xs [overflow-wrap:anywhere] text-bad">{message}</p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function Columns({ columns }: { readonly columns: Analysis['columns'] }) {
  if (columns.length === 0) return null
  return (
    <Card title={texts.columns} flush>
      <div className="max-h-96 overflow-auto">
        <table className="w-full text-sm">
          <thead className="sr-only">
            <tr>
              <th>{texts.column}</th>
              <th>{texts.type}</th>
            </tr>
          </thead>
          <tbody>
            {columns.map(({ name, type, description, unit }) => (
              <tr key={name} className="border-t border-line align-baseline">
                <td className="px-4 py-1.5">
                  <span className="font-medium">{name}</span>
                  {(description !== null || unit !== null) && (
                    <span className="block text-xs text-faint">
                      {[description, unit].filter(Boolean).join(' · ')}
                    </span>
                  )}
                </td>
                <td className="px-4 py-1.5 text-right font-mono text-xs text-soft">{type}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}
