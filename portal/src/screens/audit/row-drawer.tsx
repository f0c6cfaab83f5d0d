import { ActorName } from '~/screens/audit/actor.tsx'
import { changesOf, hiddenFields, isLook, type AuditRow } from '~/screens/audit/changes.ts'
import { auditTexts as texts } from '~/texts/audit.ts'
import { Drawer } from '~/ui/dialog.tsx'
import { Fact } from '~/ui/fact.tsx'
import { formatCount } from '~/ui/format.ts'
import { Time } from '~/ui/time.tsx'

export interface WholeRow extends AuditRow {
  readonly at: string
  readonly requestId: string | null
  readonly hash: string
}

/** One row: what it changed, from what, and what it was hashed from. */
export function RowDrawer({
  row,
  older,
  onClose,
}: {
  readonly row: WholeRow
  /** Rows before it, the newest first. */
  readonly older: readonly WholeRow[]
  readonly onClose: () => void
}) {
  const changes = changesOf(row, older)
  const hidden = hiddenFields(row)
  return (
    <Drawer open onClose={onClose} title={row.action} note={texts.row(formatCount(row.seq))}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
        <Fact name={texts.who}>
          <ActorName actor={row.actor} />
        </Fact>
        <Fact name={texts.when}>
          <Time at={row.at} exact />
        </Fact>
        {row.requestId !== null && (
          <Fact name={texts.request}>
            <code className="font-mono text-xs">{row.requestId}</code>
          </Fact>
        )}
      </dl>
      <h3 className="mt-5 mb-2 text-sm font-semibold">{texts.change}</h3>
      {changes.length === 0 && hidden.length === 0 && (
        <p className="text-sm text-soft">{isLook(row.action) ? texts.onlyLooked : texts.nothing}</p>
      )}
      {changes.length > 0 && (
        <table className="w-full table-fixed text-sm">
          <thead className="text-left text-xs text-faint">
            <tr>
              <th className="w-1/4 pb-1 font-medium">{texts.field}</th>
              <th className="pb-1 font-medium">{texts.before}</th>
              <th className="pb-1 font-medium">{texts.after}</th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ field, before, after }) => (
              <tr key={field} className="border-t border-line align-top">
                <td className="py-1.5 pr-2 font-medium [overflow-wrap:anywhere]">{field}</td>
                <td className="py-1.5 pr-2 [overflow-wrap:anywhere]">
                  {before === undefined ? (
                    <span className="text-xs text-faint">{texts.unknownBefore}</span>
                  ) : (
                    <del className="rounded bg-bad-soft px-1 text-bad">{told(before)}</del>
                  )}
                </td>
                <td className="py-1.5 [overflow-wrap:anywhere]">
                  <ins className="rounded bg-good-soft px-1 text-good no-underline">
                    {told(after)}
                  </ins>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {hidden.length > 0 && (
        <p className="mt-3 text-sm text-soft">
          {texts.others}: {hidden.join(', ')}
        </p>
      )}
      <h3 className="mt-5 mb-2 text-sm font-semibold">{texts.raw}</h3>
      <pre className="rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">
        {row.detail}
      </pre>
      <p className="mt-2 text-xs text-faint [overflow-wrap:anywhere]">
        {texts.hash} <code className="font-mono">{row.hash}</code>
      </p>
    </Drawer>
  )
}

const told = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
