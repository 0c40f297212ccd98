using System.Globalization;

namespace Weft.Host.Demo;

/// <summary>Evaluates arithmetic: numbers, <c>+ - * / % ^</c>, signs and parentheses, with the usual precedence.</summary>
internal sealed class Calculator
{
    /// <summary>Bounds the nesting, and with it the stack.</summary>
    private const int LengthMax = 500;

    private readonly string _text;
    private int _at;

    private Calculator(string text) => _text = text;

    /// <exception cref="FormatException">It is no expression. The message says where.</exception>
    public static double Evaluate(string expression)
    {
        if (expression.Length > LengthMax)
        {
            throw new FormatException($"An expression has at most {LengthMax} characters.");
        }

        var calculator = new Calculator(expression);
        var value = calculator.ReadSum();
        return calculator.Peek() == '\0' ? value : throw calculator.Unexpected();
    }

    private double ReadSum()
    {
        var value = ReadProduct();
        while (true)
        {
            if (Take('+'))
            {
                value += ReadProduct();
            }
            else if (Take('-') || Take('−'))
            {
                value -= ReadProduct();
            }
            else
            {
                return value;
            }
        }
    }

    private double ReadProduct()
    {
        var value = ReadSigned();
        while (true)
        {
            if (Take('*') || Take('×'))
            {
                value *= ReadSigned();
            }
            else if (Take('/') || Take('÷'))
            {
                value = ReadSigned() is var divisor and not 0 ? value / divisor : throw new FormatException("Division by zero.");
            }
            else if (Take('%'))
            {
                value = ReadSigned() is var divisor and not 0 ? value % divisor : throw new FormatException("Division by zero.");
            }
            else
            {
                return value;
            }
        }
    }

    /// <summary>A power binds tighter than the sign before it: -2^2 is -4.</summary>
    private double ReadSigned() => Take('-') || Take('−') ? -ReadSigned() : Take('+') ? ReadSigned() : ReadPower();

    private double ReadPower()
    {
        var value = ReadOperand();
        return Take('^') ? Math.Pow(value, ReadSigned()) : value;
    }

    private double ReadOperand()
    {
        if (Take('('))
        {
            var value = ReadSum();
            return Take(')') ? value : throw Unexpected();
        }

        Peek();
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.'))
        {
            _at++;
        }

        var digits = _text.AsSpan(start, _at - start);
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Unexpected();
    }

    private bool Take(char symbol)
    {
        if (Peek() != symbol)
        {
            return false;
        }

        _at++;
        return true;
    }

    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        return _at < _text.Length ? _text[_at] : '\0';
    }

    private FormatException Unexpected() => new(
        _at < _text.Length ? $"'{_text[_at]}' is not expected at position {_at + 1} of '{_text}'." : $"'{_text}' ends too early.");
}
