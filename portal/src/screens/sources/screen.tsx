import { useNavigate } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { sourceColumns, type SourceRow } from '~/screens/sources/source-columns.tsx'
import { FileLook } from '~/screens/sources/file-look.tsx'
import { sourcesTexts as texts } from '~/texts/sources.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable } from '~/ui/data-table.tsx'
import { Page } from '~/ui/page.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

/** Every source with what came in of late; a place to try a file. */
export function Screen() {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const sources = useOperation('sources.list', {})
  const open = ({ source }: SourceRow) =>
    void navigate({ to: '/t/$tenant/sources/$source', params: { tenant, source } })
  return (
    <Page
      title={texts.title}
      note={texts.note}
      copy={{ call: { operation: 'sources.list', input: {} } }}
    >
      <Card flush>
        <Answer of={sources}>
          {({ sources: rows }) => (
            <DataTable
              label={texts.title}
              columns={sourceColumns}
              rows={rows}
              rowKey={({ source }) => source}
              rowHeight={56}
              height="60vh"
              onOpen={open}
              empty={<Empty title={texts.none}>{texts.noneHint}</Empty>}
            />
          )}
        </Answer>
      </Card>
      <FileLook sources={sources.data?.sources ?? []} />
    </Page>
  )
}
