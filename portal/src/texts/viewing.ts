export const viewingTexts = {
  looking: (tenant: string, role: string) =>
    `You look at ${tenant} as ${role}. Nothing can be changed.`,
  ends: 'It ends by itself',
  noted: 'Each step stands in the audit log of the tenant.',
  end: 'Look as yourself again',
} as const
