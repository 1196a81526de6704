/** Whose files can be imported and exported; apart, so that the command line loads no schemas to know its own words. */
export const importFormats = ['supervisor', 'crontab', 'procfile', 'systemd', 'upsun'] as const;
export const exportFormats = ['supervisor', 'crontab'] as const;
