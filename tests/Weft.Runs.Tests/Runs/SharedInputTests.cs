using System.Text;
using System.Text.RegularExpressions;

namespace Weft.Runs.Tests.Runs;

public sealed class SharedInputTests
{
    [Theory]
    [InlineData("""{"input":{"messages":["L1","short","L2"],"n":1},"config":{"x":"L3"}}""", """{"in":[["messages",["L1","short","L2"]]]}""", "L1 L2")]
    [InlineData("""{"input":{"messages":["L2","L1"]}}""", """["L1","L2"]""", "L2")]
    [InlineData("""{"input":{"messages":["L1","L1"]}}""", """["L1"]""", "L1")]
    [InlineData("""{"input":"L1"}""", "\"L1\"", "L1")]
    [InlineData("""{"input":["L1","L2","L3","L4","L5","L6"]}""", """["L6"]""", null)]
    [InlineData("""{"input":null}""", """["L1"]""", null)]
    [InlineData("""{"input":"short"}""", "\"short\"", null)]
    public void Long_strings_that_come_in_the_same_order_are_shared(string kwargs, string body, string? expected)
    {
        var (json, other) = (Utf8(kwargs), Utf8(body));

        var input = SharedInput.Find(json, new CheckpointId(Guid.Empty), other);

        var found = input?.Pieces.Select(piece =>
        {
            json.AsSpan(piece.At, piece.Length).SequenceEqual(other.AsSpan(piece.Start, piece.Length)).ShouldBeTrue();
            return Encoding.UTF8.GetString(json, piece.At, 2);
        });
        (found is null ? null : string.Join(' ', found)).ShouldBe(expected);
    }

    private static byte[] Utf8(string text) =>
        Encoding.UTF8.GetBytes(Regex.Replace(text, "L[0-9]", word => string.Concat(Enumerable.Repeat(word.Value + "ü", 40))));
}
