using System.Text;
using System.Text.Json;
using Weft.Graphs;
using Weft.Runs;

namespace Weft.Server.Tests.OpenAi;

public sealed class ReplyTests
{
    private readonly Reply _reply = new();

    [Fact]
    public void Messages_that_an_attempt_left_undone_are_not_part_of_the_reply()
    {
        Start(1);
        Speak("a", "whole", ends: true);
        Speak("b", "half", ends: false);
        Start(2);
        Speak("b", "half and half", ends: true);
        End(RunStatus.Success);

        _reply.Messages.Select(message => JsonSerializer.Deserialize<string>(message.Text.ToJson())).ShouldBe(["whole", "half and half"]);
        _reply.FinishReason.ShouldBe("stop");
    }

    [Theory]
    [InlineData(RunStatus.Error)]
    [InlineData(RunStatus.Timeout)]
    [InlineData(RunStatus.Interrupted)]
    public void A_run_that_does_not_succeed_has_a_failure_and_no_calls(RunStatus status)
    {
        var message = Speak("a", "hm", ends: false);
        var call = LazyJson.FromUtf8(Encoding.UTF8.GetBytes("""{"type":"tool_call","id":"c","name":"f","args":{}}"""));
        _reply.Add(new MessageBlockPart(message, MessageBlockPhase.Finish, 1, call));
        End(status);

        _reply.Failure.ShouldNotBeNull();
        _reply.OpenCalls.ShouldBeEmpty();
        _reply.Messages[0].Calls.Count.ShouldBe(1);
    }

    private void Start(int attempt) => _reply.Add(new RunStartedPart(default, default, attempt));

    private void End(RunStatus status) => _reply.Add(new RunEndPart(default, status));

    private StreamedMessage Speak(string id, string text, bool ends)
    {
        var message = new StreamedMessage(id, new MessageSource("node", null, default));
        var delta = LazyJson.FromUtf8(Encoding.UTF8.GetBytes($$"""{"type":"text-delta","text":"{{text}}"}"""));
        _reply.Add(new MessageStartPart(message, "ai"));
        _reply.Add(new MessageBlockPart(message, MessageBlockPhase.Delta, 0, delta));
        if (ends)
        {
            _reply.Add(new MessageFinishPart(message, "stop", null, null));
        }

        return message;
    }
}
