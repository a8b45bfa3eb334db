/** Loaded before the script: ends it, as by SIGTERM, when the bootstrap that started it is gone. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
