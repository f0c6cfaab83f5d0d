export const join = {
  title: (tenant: string) => `${tenant} invites you`,
  looking: 'You are invited',
  note: (email: string, role: string) => `As ${role}; the invitation is for ${email}.`,
  needsSignOn: 'Its people sign in with their organisation’s own account.',
  submit: 'Join',
  hasAccount: 'You have an account already: sign in to join.',
  another: (email: string) =>
    `You are signed in as ${email}; this invitation is for another address.`,
} as const
