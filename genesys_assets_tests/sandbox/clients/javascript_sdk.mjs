// Run by Node.js where the official JavaScript SDK is installed: prints a day by query and by job.
import sdk from 'purecloud-platform-client-v2';

const [url, interval] = [new URL(process.argv[2]), process.argv[3]];
sdk.ApiClient.instance.setGateway({ host: url.hostname, protocol: 'http', port: Number(url.port) });
await sdk.ApiClient.instance.loginClientCredentialsGrant('sandbox', 'sandbox');
const api = new sdk.ConversationsApi();

const query = [];
for (let pageNumber = 1; ; pageNumber++) {
  const body = { interval, order: 'asc', orderBy: 'conversationStart', paging: { pageSize: 25, pageNumber } };
  const page = await api.postAnalyticsConversationsDetailsQuery(body);
  if (!page.conversations) break;
  query.push(...page.conversations);
}

const { jobId } = await api.postAnalyticsConversationsDetailsJobs({ interval });
const { state } = await api.getAnalyticsConversationsDetailsJob(jobId);
const job = [];
let cursor;
do {
  const page = await api.getAnalyticsConversationsDetailsJobResults(jobId, { pageSize: 25, cursor });
  job.push(...page.conversations);
  cursor = page.cursor;
} while (cursor);
console.log(JSON.stringify({ query, job, state }));
