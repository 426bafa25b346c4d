using System;
using System.Globalization;
using FerroLB.Core.Kube.Json;
using Xunit;

namespace FerroLB.Tests.Kube.Json;

public sealed class StringTableTests
{
    private readonly StringTable _table = new();

    [Fact]
    public void Of_a_text_that_turns_up_again_and_again_there_is_one_copy_however_many_others_come()
    {
        var first = _table.Intern(Copy("shop"));
        for (var i = 0; i < 5 * StringTable.MostInHalf; i++)
        {
            _table.Intern(string.Create(CultureInfo.InvariantCulture, $"other-{i}"));
            if (i % (StringTable.MostInHalf / 2) == 0)
                Assert.Same(first, _table.Intern(Copy("shop")));
        }
    }

    [Fact]
    public void A_text_that_turns_up_no_more_is_forgotten()
    {
        var first = _table.Intern(Copy("shop"));
        for (var i = 0; i < 2 * StringTable.MostInHalf; i++)
            _table.Intern(string.Create(CultureInfo.InvariantCulture, $"other-{i}"));
        Assert.NotSame(first, _table.Intern(Copy("shop")));
    }

    [Fact]
    public void A_long_text_is_passed_through()
    {
        var text = new string('x', 97);
        _table.Intern(text);
        Assert.NotSame(text, _table.Intern(Copy(text)));
        Assert.NotSame(_table.ListOf(text), _table.ListOf(text));
    }

    [Fact]
    public void A_list_of_one_text_is_held_once_as_long_as_there_are_not_too_many()
    {
        var list = _table.ListOf("IPv4");
        Assert.Equal(["IPv4"], list);
        for (var i = 0; i < 2 * StringTable.MostLists; i++)
            Assert.Single(_table.ListOf(string.Create(CultureInfo.InvariantCulture, $"10.0.0.{i}")));
        Assert.Same(list, _table.ListOf(Copy("IPv4")));
        Assert.NotSame(_table.ListOf("late"), _table.ListOf("late"));
    }

    private static string Copy(string text) => new(text.AsSpan());
}
