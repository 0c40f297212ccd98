using Weft.Host.Demo;

namespace Weft.Host.Tests;

public sealed class CalculatorTests
{
    [Theory]
    [InlineData("1 + 2 * 3", 7)]
    [InlineData("(1+2)*3", 9)]
    [InlineData("-2^2", -4)]
    [InlineData("2^3^2", 512)]
    [InlineData("2^-1", 0.5)]
    [InlineData("10 % 4 - -1", 3)]
    [InlineData(".5 × 4 ÷ 2", 1)]
    public void Precedence_is_as_in_school(string expression, double value) => Calculator.Evaluate(expression).ShouldBe(value);

    [Theory]
    [InlineData("2 +", "'2 +' ends too early.")]
    [InlineData("2 x 3", "'x' is not expected at position 3 of '2 x 3'.")]
    [InlineData("(1", "'(1' ends too early.")]
    [InlineData("1..2", "'1..2' ends too early.")]
    public void A_mistake_is_pointed_at(string expression, string message) =>
        Should.Throw<FormatException>(() => Calculator.Evaluate(expression)).Message.ShouldBe(message);

    [Fact]
    public void Nesting_is_bounded() => Should.Throw<FormatException>(() => Calculator.Evaluate(new string('(', 100_000)));
}
