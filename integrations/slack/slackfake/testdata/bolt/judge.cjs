// A small bot on the official @slack/bolt, the second client that judges the
// fake. bolt_test.go plays people; this script does what a bot does, by the
// official client's own understanding of Slack, and prints one JSON line for
// each thing it saw. It ends when its input ends.
'use strict';
const { App, LogLevel } = require('@slack/bolt');

const [url, appToken, botToken] = process.argv.slice(2);
const app = new App({ token: botToken, appToken, socketMode: true, logLevel: LogLevel.ERROR, clientOptions: { slackApiUrl: url } });
const saw = (what, more) => console.log(JSON.stringify({ saw: what, ...more }));
const text = (words) => ({ type: 'plain_text', text: words });

app.message(/勒索/, async ({ message, say, client }) => {
  saw('message', { user: message.user, text: message.text, team: message.user_team });
  const card = await say({
    text: '安全事件 #1',
    thread_ts: message.ts,
    metadata: { event_type: 'butler_notice', event_payload: { key: 'acme/1/opened' } },
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: '*安全事件 #1*' } },
      { type: 'actions', block_id: 'do', elements: [{ type: 'button', action_id: 'reply', value: '/reply 1', text: text('回复') }] },
    ],
  });
  const link = await client.chat.getPermalink({ channel: message.channel, message_ts: card.ts });
  saw('posted', { ts: card.ts, link: link.permalink });
});

app.event('app_mention', async ({ event }) => saw('mention', { user: event.user }));
app.event('reaction_added', async ({ event }) => saw('reaction', { name: event.reaction, ts: event.item.ts }));
app.event('message', async ({ message }) => {
  if (message.subtype === 'message_changed') saw('edited', { text: message.message.text, before: message.previous_message.text });
  if (message.subtype === 'message_deleted') saw('deleted', { ts: message.deleted_ts });
  if (message.subtype === 'file_share') saw('file', { name: message.files[0].name });
});

app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: [{ type: 'header', text: text('我的工单') }] } });
  saw('home', { user: event.user });
});

app.command('/butler', async ({ command, ack, respond }) => {
  await ack({ text: `收到 ${command.text}` });
  await respond({ response_type: 'in_channel', text: `大家看：${command.text}` });
  saw('command', { user: command.user_id, text: command.text });
});

app.action('reply', async ({ ack, body, client, action }) => {
  await ack();
  const opened = await client.views.open({
    trigger_id: body.trigger_id,
    view: {
      type: 'modal', callback_id: 'reply', private_metadata: body.message.ts, title: text('回复'), submit: text('发送'),
      blocks: [{ type: 'input', block_id: 'say', label: text('内容'), element: { type: 'plain_text_input', action_id: 'text' } }],
    },
  });
  saw('action', { value: action.value, view: opened.view.id, channel: body.channel.id });
});

app.view('reply', async ({ ack, view, client, body }) => {
  const said = view.state.values.say.text.value;
  if (said === '空') {
    await ack({ response_action: 'errors', errors: { say: '请写点什么' } });
    return;
  }
  await ack();
  await client.chat.update({ channel: 'C0FRONT', ts: view.private_metadata, text: `已回复：${said}`, blocks: [] });
  saw('view', { user: body.user.id, said });
});

app.shortcut('report', async ({ shortcut, ack, client }) => {
  await ack();
  await client.chat.postEphemeral({ channel: shortcut.channel.id, user: shortcut.user.id, text: '已登记' });
  const history = await client.conversations.history({ channel: shortcut.channel.id, include_all_metadata: true, limit: 3 });
  const upload = await client.filesUploadV2({ channel_id: shortcut.channel.id, filename: 'report.md', file: Buffer.from('# 报告'), initial_comment: '见附件' });
  saw('shortcut', { text: shortcut.message.text, history: history.messages.length, more: history.has_more, upload: upload.ok });
});

app.error(async (error) => saw('error', { error: String(error) }));

process.stdin.on('end', async () => {
  await Promise.race([app.stop(), new Promise((done) => setTimeout(done, 200))]);
  process.exit(0);
});
process.stdin.resume();
app.start().then(() => saw('started', {}), (error) => { saw('error', { error: String(error) }); process.exit(1); });
