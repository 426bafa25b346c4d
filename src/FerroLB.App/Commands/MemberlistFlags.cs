using System;
using System.CommandLine;
using System.Security.Cryptography;
using FerroLB.Core.Nodes;

namespace FerroLB.App.Commands;

/// <summary>The flags about the Secret by which speakers recognise each other.</summary>
internal sealed class MemberlistFlags
{
    private const int KeyOctets = 16;

    private readonly Option<string> _secret = Flags.Text(
        "--ml-secret-name", "METALLB_ML_SECRET_NAME", "",
        "Name of the memberlist Secret, which is created with a random key if there is none. By default none is.");

    private readonly Option<string> _deployment = Flags.Text(
        "--deployment", "METALLB_DEPLOYMENT", "", "Name of the controller's Deployment, which owns the memberlist Secret.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_secret);
        command.Options.Add(_deployment);
    }

    /// <summary>Reads the flags and draws a key; null when no Secret is wanted.</summary>
    public MemberlistOptions? Read(ParseResult arguments)
    {
        var name = arguments.GetValue(_secret)!;
        if (name.Length == 0)
            return null;
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyOctets)).TrimEnd('=');
        return new MemberlistOptions(name, arguments.GetValue(_deployment)!, new SecretText(key));
    }
}
