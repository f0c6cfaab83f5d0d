import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'

import { useAddressState, useAddressValues, useSetAddress } from '~/browser/address.ts'
import { useThings } from '~/doors/seen.tsx'
import { CreateKey } from '~/screens/keys/create-key.tsx'
import { KeyCards } from '~/screens/keys/key-cards.tsx'
import { keyColumns } from '~/screens/keys/key-columns.tsx'
import { KeyDrawer } from '~/screens/keys/key-drawer.tsx'
import type { Key, KeyDeed } from '~/screens/keys/key.ts'
import { LimitKey } from '~/screens/keys/limit-key.tsx'
import { RevokeKey } from '~/screens/keys/revoke-key.tsx'
import { RotateKey } from '~/screens/keys/rotate-key.tsx'
import { useKeys } from '~/screens/keys/use-keys.ts'
import { keys as words } from '~/texts/keys.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { DataTable } from '~/ui/data-table.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { useNow } from '~/ui/time.tsx'

/** Every key: what it may do, what it sees, how it is used. */
export function KeyList() {
  const [which, setWhich] = useAddressState<'working' | 'all'>('which', 'working')
  const { key: opened } = useAddressValues()
  const setAddress = useSetAddress()
  const { list, keys, uses, more } = useKeys(which === 'working')
  const names = useThings()?.map(({ name }) => name)
  const now = useNow()
  const [isCreating, setCreating] = useState(false)
  const [doing, setDoing] = useState<KeyDeed>()
  const open = ({ id }: Key) => setAddress({ key: id }, { push: true })
  const shown = keys.find(({ id }) => id === opened)
  const close = () => setDoing(undefined)
  const create = (
    <Button
      look="primary"
      size="small"
      icon={<Plus size={14} />}
      operation="keys.create"
      onClick={() => setCreating(true)}
    >
      {words.create}
    </Button>
  )
  const given = { uses, names, now, onDo: setDoing }
  return (
    <Card
      flush
      title={
        <Segments
          label={words.which}
          value={which}
          onChange={setWhich}
          segments={[
            { value: 'working', label: words.working },
            { value: 'all', label: words.all },
          ]}
        />
      }
      actions={create}
    >
      <Answer of={list}>
        {() =>
          keys.length === 0 ? (
            <Empty
              title={which === 'all' ? words.empty : words.emptyWorking}
              icon={<KeyRound size={22} />}
            >
              {words.emptyHint}
            </Empty>
          ) : (
            <>
              <div className="hidden sm:block">
                <DataTable
                  label={words.tabs.keys}
                  columns={keyColumns(given)}
                  rows={keys}
                  rowKey={({ id }) => id}
                  rowHeight={52}
                  height="calc(100dvh - 18rem)"
                  onOpen={open}
                  selected={({ id }) => id === opened}
                  onEnd={more}
                />
              </div>
              <div className="sm:hidden">
                <KeyCards
                  keys={keys}
                  {...given}
                  onOpen={open}
                  onMore={list.hasNextPage ? more : undefined}
                />
              </div>
            </>
          )
        }
      </Answer>
      {shown && (
        <KeyDrawer
          apiKey={shown}
          use={uses.get(shown.id)}
          onDo={(deed) => setDoing({ key: shown, deed })}
          onClose={() => setAddress({ key: undefined })}
        />
      )}
      {isCreating && <CreateKey onClose={() => setCreating(false)} />}
      {doing?.deed === 'rotate' && <RotateKey apiKey={doing.key} onClose={close} />}
      {doing?.deed === 'limit' && <LimitKey apiKey={doing.key} onClose={close} />}
      {doing?.deed === 'revoke' && (
        <RevokeKey apiKey={doing.key} use={uses.get(doing.key.id)} onClose={close} />
      )}
    </Card>
  )
}
