import { printableSetting, type SettingName } from '#app/config.ts'
import { settings } from '#app/settings.ts'
import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'

export const configCommand: Command = {
  define() {},
  async run({ config, terminal, json }) {
    const entries = (Object.keys(settings) as SettingName[]).map((name) => ({
      setting: settings[name].variable,
      value: printableSetting(config, name),
      description: settings[name].description,
    }))
    if (json) {
      terminal.print([JSON.stringify({ settings: entries }, null, 2)])
      return exitCodes.done
    }
    const rows = entries.map(({ setting, value, description }): Cell[] => [
      { text: setting, tone: 'strong' },
      value === null || value === '' ? { text: '–', tone: 'faint' } : String(value),
      { text: description, tone: 'faint' },
    ])
    const columns = [
      { title: 'setting', fixed: true },
      { title: 'value', fixed: true },
      { title: 'what it is' },
    ] as const
    terminal.print(renderTable(terminal.outLook(), columns, rows, 0))
    return exitCodes.done
  },
}
