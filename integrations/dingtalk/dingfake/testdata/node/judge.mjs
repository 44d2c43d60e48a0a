// A small robot on the official dingtalk-stream, the second client that judges the
// fake. node_test.go plays people; this script does what a robot does, by the
// official client's own understanding of DingTalk, and prints one JSON line for
// each thing it saw. It ends when its input ends.
import axios from 'axios';
import { DWClient, EventAck, TOPIC_CARD, TOPIC_ROBOT } from 'dingtalk-stream';

const [base, clientId, clientSecret, template] = process.argv.slice(2);
const saw = (what, more) => process.stdout.write(JSON.stringify({ saw: what, ...more }) + '\n');

// The client knows no other address than that of DingTalk.
axios.interceptors.request.use((config) => {
  config.url = config.url.replace(/^https:\/\/(api|oapi)\.dingtalk\.com/, base);
  return config;
});
console.info = () => {};

const client = new DWClient({ clientId, clientSecret, keepAlive: true });
client.heartbeat_interval = 200;

const api = async (method, path, data) => {
  const headers = { 'x-acs-dingtalk-access-token': await client.getAccessToken() };
  return (await axios({ method, url: 'https://api.dingtalk.com' + path, data, headers })).data;
};

client.registerCallbackListener(TOPIC_ROBOT, async (frame) => {
  try {
    const m = JSON.parse(frame.data);
    client.socketCallBackResponse(frame.headers.messageId, null);
    saw('message', { text: m.text?.content, staff: m.senderStaffId ?? '', nick: m.senderNick, type: m.conversationType, kind: m.msgtype });
    const { data } = await axios.post(m.sessionWebhook, {
      msgtype: 'markdown',
      markdown: { title: '收到', text: `收到 @${m.senderStaffId ?? ''}` },
      at: { atUserIds: m.senderStaffId ? [m.senderStaffId] : [] },
    });
    saw('answered', { errcode: data.errcode });
    const made = await api('post', '/v1.0/card/instances/createAndDeliver', {
      cardTemplateId: template,
      outTrackId: 'card-' + m.msgId,
      callbackType: 'STREAM',
      cardData: { cardParamMap: { title: '安全事件 #1', status: '待认领' } },
      openSpaceId: 'dtv1.card//IM_GROUP.' + m.conversationId,
      imGroupOpenSpaceModel: { supportForward: true },
      imGroupOpenDeliverModel: { robotCode: m.robotCode },
      userIdType: 1,
    });
    saw('delivered', { id: made.result.outTrackId, ok: made.result.deliverResults.every((r) => r.success) });
  } catch (err) {
    saw('error', { error: String(err), body: err.response?.data });
  }
});

client.registerCallbackListener(TOPIC_CARD, (frame) => {
  const click = JSON.parse(frame.data);
  const { params } = JSON.parse(click.content).cardPrivateData;
  client.socketCallBackResponse(frame.headers.messageId, {
    cardUpdateOptions: { updateCardDataByKey: true },
    cardData: { cardParamMap: { status: `已认领：${click.userId}` } },
  });
  saw('click', { command: params.command, user: click.userId, card: click.outTrackId });
});

client.registerAllEventListener((frame) => {
  const data = JSON.parse(frame.data);
  saw('event', { kind: frame.headers.eventType, key: data.processQueryKey, user: data.userId });
  return { status: EventAck.SUCCESS, message: 'OK' };
});

client.on('error', (err) => saw('error', { error: String(err) }));
await client.connect();
saw('connected', { registered: client.registered });
process.stdin.resume();
process.stdin.on('end', () => {
  client.disconnect();
  process.exit(0);
});
