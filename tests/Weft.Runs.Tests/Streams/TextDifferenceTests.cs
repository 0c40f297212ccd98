using System.Text;

namespace Weft.Runs.Tests.Streams;

public sealed class TextDifferenceTests
{
    [Fact]
    public void A_difference_that_an_earlier_version_stored_is_applied()
    {
        // Bytes, then a range of the other text, and so on. The last range may be empty.
        byte[] difference = [2, .. "{ "u8, 1, 6, 3, .. ",b}"u8, 0, 0];
        Encoding.UTF8.GetString(TextDifference.Apply("""{"a":"x"}"""u8, difference)).ShouldBe("""{ "a":"x,b}""");
        TextDifference.Apply("{}"u8, ReadOnlyMemory<byte>.Empty).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("", "", 0, 0)]
    [InlineData("abc", "abc", 3, 0)]
    [InlineData("abcd", "abxcd", 2, 2)]
    [InlineData("aaa", "aaaaa", 3, 0)]
    [InlineData("xb", "ab", 0, 1)]
    public void The_common_start_and_end_do_not_overlap(string from, string to, int head, int tail) =>
        TextDifference.FindCommon(Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to)).ShouldBe((head, tail));

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(200)]
    public void A_long_common_end_is_found(int length)
    {
        var end = new byte[length];
        TextDifference.CommonSuffixLength([1, .. end], [2, 3, .. end]).ShouldBe(length);
        TextDifference.CommonSuffixLength(end, [2, 3, .. end]).ShouldBe(length);
    }
}
