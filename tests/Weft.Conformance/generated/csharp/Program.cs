// A conversation by the client that Kiota makes of the server's document. The argument is the server's URL.
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Abstractions.Serialization;
using Microsoft.Kiota.Http.HttpClientLibrary;
using Weft.Generated;
using Weft.Generated.Models;

using var adapter = new HttpClientRequestAdapter(new AnonymousAuthenticationProvider()) { BaseUrl = args[0] };
var client = new WeftClient(adapter);

var thread = (await client.Threads.PostAsync(new ThreadCreate()))!.ThreadId!;
var hello = new UntypedObject(new Dictionary<string, UntypedNode>
{
    ["role"] = new UntypedString("user"),
    ["content"] = new UntypedString("Hello"),
});
var input = new RunCreate_inputMember1 { AdditionalData = { ["messages"] = new UntypedArray([hello]) } };
var request = new RunCreate { AssistantId = "agent_simple", Input = new() { RunCreateInputMember1 = input } };

var run = (await client.Threads[thread].Runs.PostAsync(request))!;
Check(run.ThreadId == thread, "the run names its thread");
await client.Threads[thread].Runs[run.RunId.ToString()!].Join.GetAsync();
var ended = (await client.Threads[thread].Runs[run.RunId.ToString()!].GetAsync())!;
Check(ended.Status == Run_status.Success, $"the run succeeded, not {ended.Status}");
var runs = (await client.Threads[thread].Runs.GetAsync(call => call.QueryParameters.Limit = 5))!;
Check(runs.Count == 1, "the run is listed");

var state = (await client.Threads[thread].State.GetAsync())!;
Check(state.Next is { Count: 0 }, "nothing is next");
await using var events = (await client.Threads[thread].Runs.Stream.PostAsync(request))!;
Check((await new StreamReader(events).ReadToEndAsync()).Contains("event: values", StringComparison.Ordinal), "the states are streamed");

try
{
    await client.Threads[Guid.NewGuid().ToString()].GetAsync();
    Check(false, "a thread that does not exist is refused");
}
catch (Problem problem)
{
    Check(problem.ResponseStatusCode == 404, "a thread that does not exist is not found");
}

Console.WriteLine("ok");

static void Check(bool holds, string what)
{
    if (!holds)
    {
        throw new InvalidOperationException($"It does not hold that {what}.");
    }
}
