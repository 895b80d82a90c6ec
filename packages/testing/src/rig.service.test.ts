import { expect, it } from '@jest/globals';
import { testBroker } from './broker.ts';
import { testDatabase } from './database.ts';
import { requires } from './requires.ts';

requires('postgres')('a test database', () => {
  it('is empty, and gone once it is closed', async () => {
    const database = await testDatabase();
    const { rows } = await database.query("select * from pg_tables where schemaname = 'public'");
    expect(rows).toEqual([]);
    await database.close();
    const other = await testDatabase();
    const name = new URL(database.url).pathname.slice(1);
    const left = await other.query('select 1 from pg_database where datname = $1', [name]);
    expect(left.rowCount).toBe(0);
    await other.close();
  });
});

requires('rabbitmq')('the broker', () => {
  it('confirms what is published and delivers it', async () => {
    const { channel, close } = await testBroker();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    channel.sendToQueue(queue, Buffer.from('hello'));
    await channel.waitForConfirms();
    const message = await channel.get(queue);
    expect(message && message.content.toString()).toBe('hello');
    await close();
  });
});
