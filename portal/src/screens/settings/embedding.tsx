import { Ban, KeyRound, MoreHorizontal, Plus } from 'lucide-react'
import { useMemo, useState } from 'react'

import { useChange, useOperationPages } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import type { EmbeddedView } from '~/screens/settings/embedded-view.ts'
import { MadeDialog, type Made } from '~/screens/settings/made-dialog.tsx'
import { NewViewDialog } from '~/screens/settings/new-view.tsx'
import { common } from '~/texts/common.ts'
import { embeddingTexts as texts } from '~/texts/embedding.ts'
import { Button, IconButton } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox } from '~/ui/field.tsx'
import { Menu } from '~/ui/menu.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

/** Views that pages of other products show; made, ended, given another secret. */
export function Embedding() {
  const [shown, setShown] = useAddressState<'open' | 'all'>('views', 'open')
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<Made | null>(null)
  const [asked, setAsked] = useState<{ readonly view: EmbeddedView; readonly what: What } | null>(
    null,
  )
  const pages = useOperationPages(
    'embeds.list',
    { limit: 100, onlyOpen: shown === 'open' },
    { cursorField: 'after' },
  )
  const rows = useMemo(() => pages.data?.pages.flatMap(({ embeds }) => embeds), [pages.data])
  const columns = useMemo(() => columnsFor((view, what) => setAsked({ view, what })), [])
  return (
    <Card
      flush
      title={texts.title}
      note={texts.note}
      actions={
        <>
          <Checkbox
            label={texts.openOnly}
            checked={shown === 'open'}
            onChange={(checked) => setShown(checked ? 'open' : 'all')}
          />
          <Button
            look="primary"
            icon={<Plus size={14} />}
            operation="embeds.create"
            onClick={() => setMaking(true)}
          >
            {texts.make}
          </Button>
        </>
      }
    >
      <Answer of={{ ...pages, data: rows }}>
        {(found) => (
          <DataTable
            label={texts.title}
            columns={columns}
            rows={found}
            rowKey={({ id }) => id}
            rowHeight={52}
            onEnd={() => {
              if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage()
            }}
            empty={<Empty title={texts.none}>{texts.noneHint}</Empty>}
          />
        )}
      </Answer>
      {isMaking && (
        <NewViewDialog
          onClose={() => setMaking(false)}
          onMade={(done) => {
            setMaking(false)
            setMade(done)
          }}
        />
      )}
      {made !== null && <MadeDialog made={made} onClose={() => setMade(null)} />}
      {asked !== null && <AskDialog {...asked} onClose={() => setAsked(null)} onSecret={setMade} />}
    </Card>
  )
}

type What = 'revoke' | 'rotate'

function AskDialog({
  view,
  what,
  onClose,
  onSecret,
}: {
  readonly view: EmbeddedView
  readonly what: What
  readonly onClose: () => void
  readonly onSecret: (made: Made) => void
}) {
  const revoke = useChange('embeds.revoke', {
    onDone: () => {
      showDone(texts.revoked)
      onClose()
    },
  })
  const rotate = useChange('embeds.rotateSecret', {
    onDone: ({ secret }) => {
      onClose()
      onSecret({ view, url: null, secret })
    },
  })
  const isEnd = what === 'revoke'
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={isEnd ? texts.revokeTitle(view.title) : texts.rotateTitle}
      note={isEnd ? texts.revokeNote : texts.rotateNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            busy={revoke.isPending || rotate.isPending}
            onClick={() => (isEnd ? revoke : rotate).mutate({ embed: view.id })}
          >
            {isEnd ? texts.revoke : texts.rotate}
          </Button>
        </>
      }
    />
  )
}

const looks = { open: 'active', expired: 'expired', revoked: 'revoked' } as const

function columnsFor(
  onAsk: (view: EmbeddedView, what: What) => void,
): readonly Column<EmbeddedView>[] {
  return [
    {
      id: 'title',
      title: texts.view,
      width: 'auto',
      sortBy: ({ title }) => title,
      cell: ({ title, endpoint, chart }) => (
        <span className="flex flex-col leading-tight">
          <bdi className="truncate font-medium">{title}</bdi>
          <span className="truncate text-xs text-faint">
            {endpoint} · {kindOf(chart)}
          </span>
        </span>
      ),
    },
    {
      id: 'origins',
      title: texts.origins,
      width: 240,
      cell: ({ origins, viewerValues }) => (
        <span className="flex flex-col leading-tight">
          <span className="truncate" title={origins.join('\n')}>
            {origins.join(', ')}
          </span>
          {viewerValues.length > 0 && (
            <span className="truncate text-xs text-faint">
              {texts.each(viewerValues.join(', '))}
            </span>
          )}
        </span>
      ),
    },
    {
      id: 'state',
      title: texts.state,
      width: 110,
      cell: ({ state }) => <Status state={looks[state]} label={texts.states[state]} />,
    },
    {
      id: 'seen',
      title: texts.seen,
      width: 130,
      cell: ({ lastSeenAt }) => (lastSeenAt === null ? texts.neverSeen : <Time at={lastSeenAt} />),
    },
    {
      id: 'ends',
      title: texts.ends,
      width: 120,
      cell: ({ expiresAt, revokedAt }) => <Time at={revokedAt ?? expiresAt} />,
    },
    {
      id: 'actions',
      title: <span className="sr-only">{texts.actions}</span>,
      width: 60,
      cell: (view) =>
        view.state === 'open' ? (
          <Menu
            trigger={
              <IconButton label={`${texts.actions}: ${view.title}`}>
                <MoreHorizontal size={16} />
              </IconButton>
            }
            items={[
              {
                label: texts.rotate,
                icon: <KeyRound size={14} />,
                operation: 'embeds.rotateSecret',
                onSelect: () => onAsk(view, 'rotate'),
              },
              {
                label: texts.revoke,
                icon: <Ban size={14} />,
                operation: 'embeds.revoke',
                danger: true,
                onSelect: () => onAsk(view, 'revoke'),
              },
            ]}
          />
        ) : null,
    },
  ]
}

function kindOf(chart: EmbeddedView['chart']): string {
  const kind = chart?.['kind']
  const { kinds, table } = texts.form
  return typeof kind === 'string' && kind in kinds ? kinds[kind as keyof typeof kinds] : table
}
