import { useState } from 'react'

import { useSetAddress } from '~/browser/address.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button } from '~/ui/button.tsx'
import { TextField } from '~/ui/field.tsx'

/** Which partitions of a dataset are read. */
export function PartitionField({ value }: { readonly value: string | null }) {
  const set = useSetAddress()
  const [draft, setDraft] = useState(value ?? '')
  const isChanged = draft.trim() !== (value ?? '')
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        const text = draft.trim()
        set({ partition: text === '' ? undefined : text }, { push: true })
      }}
    >
      <div className="w-64">
        <TextField
          quiet
          label={texts.partition}
          title={texts.partitionHint}
          placeholder={texts.partitionAll}
          value={draft}
          onChange={setDraft}
        />
      </div>
      {isChanged && (
        <Button type="submit" look="primary">
          {texts.apply}
        </Button>
      )}
    </form>
  )
}
