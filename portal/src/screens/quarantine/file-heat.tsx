import { useZone } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressValues, useSetAddress } from '~/browser/address.ts'
import { HeatGrid } from '~/intake/heat-grid.tsx'
import { dayIn } from '~/intake/days.ts'
import { heatOf } from '~/screens/quarantine/heat-of.ts'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'

/** Files by the day on which they were read: how much of each was rejected. */
export function FileHeat({ source }: { readonly source: string }) {
  const zone = useZone()
  const { partition } = useAddressValues()
  const set = useSetAddress()
  const arrivals = useOperation('sources.arrivals', { dataset: source, limit: 500 })
  return (
    <Card title={texts.heat} note={texts.heatNote}>
      <Answer of={arrivals}>
        {({ arrivals: all }) => {
          const heat = heatOf(all, (at) => dayIn(at, zone))
          if (heat.files.length === 0) return <Empty title={texts.heatEmpty} />
          return (
            <HeatGrid
              label={texts.heat}
              rows={heat.files.map((file) => ({ key: file, label: file, name: file }))}
              columns={heat.days.map((day, at) => ({
                key: day,
                label: at === 0 || day.endsWith('-01') ? day.slice(5) : null,
              }))}
              cell={(row, column) => {
                const found = heat.cells.get(`${row.key} ${column.key}`)
                if (!found) return null
                const { received, quarantined } = found
                const share = quarantined / Math.max(received, 1)
                const words = texts.heatCell(
                  row.key,
                  column.key,
                  formatCount(quarantined),
                  formatCount(received),
                )
                return quarantined === 0
                  ? { words, colour: 'var(--good)', strength: 0.25 }
                  : { words, colour: 'var(--warn)', strength: Math.min(Math.sqrt(share) * 1.5, 1) }
              }}
              picked={null}
              onPick={(row) => set({ partition: partition === row.key ? undefined : row.key })}
            />
          )
        }}
      </Answer>
    </Card>
  )
}
