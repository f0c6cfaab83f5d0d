import { ClipboardCopy } from 'lucide-react'

import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { headerLines, suggestChecks } from '~/screens/quality/suggest-checks.ts'
import { qualityTexts as texts } from '~/texts/quality.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { Select } from '~/ui/field.tsx'
import { AsOf } from '~/ui/page.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

/** Rules that the newest part of a dataset keeps, ready to be copied into its definition. */
export function SuggestedChecks({
  dataset,
  datasets,
}: {
  /** That the whole screen is about; empty: none. */
  readonly dataset: string
  readonly datasets: readonly {
    readonly dataset: string
    readonly kind: string
    readonly rows: number | null
  }[]
}) {
  const [own, setOwn] = useAddressState('suggest', '')
  const first = datasets.find(({ kind, rows }) => kind === 'source' && rows !== 0)?.dataset ?? ''
  const chosen = own || dataset || first
  const profile = useOperation(
    'profiles.show',
    { dataset: chosen },
    { enabled: chosen !== '', keepFormer: false },
  )
  const suggestions = profile.data ? suggestChecks(profile.data) : []
  return (
    <Card
      title={texts.suggested}
      note={texts.suggestedNote}
      actions={
        <>
          <div className="w-52">
            <Select
              quiet
              label={texts.suggestFor}
              value={chosen}
              onChange={setOwn}
              choices={datasets.map((one) => ({ value: one.dataset, label: one.dataset }))}
            />
          </div>
          {suggestions.length > 0 && (
            <Button
              size="small"
              icon={<ClipboardCopy size={14} aria-hidden />}
              onClick={() => void copyText(headerLines(suggestions), texts.suggested)}
            >
              {texts.copy}
            </Button>
          )}
        </>
      }
    >
      {chosen === '' ? (
        <p className="text-sm text-soft">{texts.suggestPick}</p>
      ) : (
        <Answer of={profile}>
          {({ partition, receipt }) =>
            suggestions.length === 0 ? (
              <Empty title={texts.suggestedNone} />
            ) : (
              <div className="flex flex-col gap-2">
                <div className="flex gap-3 text-xs text-faint">
                  <span className="num">{partition}</span>
                  <AsOf receipt={receipt} />
                </div>
                <ul className="flex flex-col gap-1.5">
                  {suggestions.map(({ line, why }) => (
                    <li key={line} className="flex flex-wrap items-baseline gap-x-3">
                      <code className="min-w-0 font-mono text-xs [overflow-wrap:anywhere]">
                        {line}
                      </code>
                      <span className="text-xs text-faint">{why}</span>
                    </li>
                  ))}
                </ul>
              </div>
            )
          }
        </Answer>
      )}
    </Card>
  )
}
