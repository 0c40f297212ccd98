using System.Text;
using System.Text.Json;
using CsCheck;

namespace Weft.Runs.Tests.Streams;

public sealed class TextDifferenceTests
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("null", """{"a":1}""")]
    [InlineData("""{"a":1}""", "[1,2]")]
    [InlineData("""{"a":["one"],"b":"x"}""", """{"b":"y","a":["one","two"],"c":null,"__interrupt__":[]}""")]
    public void A_text_is_put_back_as_it_was(string from, string to) => Apply(from, Difference(from, to)).ShouldBe(to);

    [Fact]
    public void Of_lists_that_have_grown_only_what_was_added_is_left()
    {
        var from = JsonSerializer.Serialize(new { count = 1, messages = Texts(0, 1_000), notes = Texts(5_000, 100), last = "a" });
        var to = JsonSerializer.Serialize(new { count = 2, messages = Texts(0, 1_003), notes = Texts(5_000, 101), last = "b" });

        var difference = Difference(from, to);

        difference.Length.ShouldBeLessThan(600);
        Apply(from, difference).ShouldBe(to);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(200)]
    public void Of_a_list_that_has_grown_between_equal_parts_only_what_was_added_is_left(int added)
    {
        var from = JsonSerializer.Serialize(new { notes = Texts(0, 500), messages = Texts(0, 500), last = Texts(0, 500) });
        var to = JsonSerializer.Serialize(new { notes = Texts(0, 500), messages = Texts(0, 500 + added), last = Texts(0, 500) });

        var difference = Difference(from, to);

        difference.Length.ShouldBeLessThan(to.Length - from.Length + 100);
        Apply(from, difference).ShouldBe(to);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(2_000)]
    public void Any_two_texts_are_put_back(int lengthMax) =>
        Gen.Select(Objects(lengthMax), Objects(lengthMax)).Sample((was, now) =>
        {
            var (from, to) = (JsonSerializer.Serialize(was), JsonSerializer.Serialize(now));
            Apply(from, Difference(from, to)).ShouldBe(to);
        });

    private static Gen<Dictionary<string, string>> Objects(int lengthMax) =>
        Gen.Dictionary(Gen.String[Gen.Char.AlphaNumeric, 1, 2], Gen.String[0, lengthMax])[0, 6];

    private static IEnumerable<string> Texts(int first, int count) =>
        Enumerable.Range(first, count).Select(i => $"text number {i} of a long conversation");

    private static byte[] Difference(string from, string to) => TextDifference.Of(Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to));

    private static string Apply(string from, byte[] difference) =>
        Encoding.UTF8.GetString(TextDifference.Apply(Encoding.UTF8.GetBytes(from), difference));
}
